from django.db import migrations

from core.db.guards import append_only
from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("riskmgmt", "0003_trading_states")]
    operations = [
        enable_rls("riskmgmt_tradingstate", "riskmgmt_tradingstatechange"),
        append_only("riskmgmt_tradingstatechange"),
    ]
