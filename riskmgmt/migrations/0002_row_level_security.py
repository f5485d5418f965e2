from django.db import migrations

from core.db.guards import append_only
from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("riskmgmt", "0001_initial")]
    operations = [
        enable_rls("riskmgmt_risklimit", "riskmgmt_riskdecision"),
        append_only("riskmgmt_riskdecision"),
    ]
