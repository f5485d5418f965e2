from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.tenancy import enable_rls

# (term, from, rate, exemption, source). The Finance (No. 2) Act, 2024 changed rates for sales from 23 July 2024 on,
# and the exemption for the whole of 2024-25.
RATES = (
    ("SHORT", date(2008, 4, 1), "0.15", "0", "Income-tax Act, 1961, s. 111A, as amended by the Finance Act, 2008"),
    ("SHORT", date(2024, 7, 23), "0.20", "0", "s. 111A, as amended by the Finance (No. 2) Act, 2024"),
    ("LONG", date(2004, 10, 1), "0", "0", "Income-tax Act, 1961, s. 10(38): exempt where STT was paid"),
    (
        "LONG",
        date(2018, 4, 1),
        "0.10",
        "100000",
        "s. 112A, inserted by the Finance Act, 2018; no grandfathering here",
    ),
    ("LONG", date(2024, 7, 23), "0.125", "125000", "s. 112A, as amended by the Finance (No. 2) Act, 2024"),
)


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model = apps.get_model("analytics", "CapitalGainsRate")
    model.objects.bulk_create(
        model(term=term, valid_from=day, rate=rate, exemption=exemption, source=source)
        for term, day, rate, exemption, source in RATES
    )


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]
    operations = [
        enable_rls(
            "analytics_performancesnapshot",
            "analytics_journalentry",
            "analytics_journaltag",
            "analytics_journalpicture",
            "analytics_reportingconventions",
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
