from django.db import migrations

from core.db.guards import append_only
from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("riskmgmt", "0005_limits_breakers_kill_switches")]
    operations = [
        enable_rls(
            "riskmgmt_breakerrule",
            "riskmgmt_breakertransition",
            "riskmgmt_circuitbreaker",
            "riskmgmt_killswitch",
            "riskmgmt_riskpeak",
        ),
        append_only("riskmgmt_breakertransition"),
    ]
