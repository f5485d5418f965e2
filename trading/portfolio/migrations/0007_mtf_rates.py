"""MTF as a segment of its own: charged as delivery, margined as bought on borrowed money.

The margin is the trader's own part. Brokers fund between 20 and 80 % of most group-I shares; half is the middle.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# flat rupees, rate of turnover, cap in rupees; per executed order.
BROKERAGE = {
    "paper": ("0", "0.003", "20", "What a discount broker charges."),
    "zerodha": ("0", "0.003", "20", "Published: 0.3 % or Rs 20, whichever is lower."),
    "upstox": ("20", "0", None, "As delivery."),
    "mstock": ("0", "0", None, "As delivery."),
}


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Copy the delivery charges and write the tables above."""
    ChargeRate = apps.get_model("portfolio", "ChargeRate")
    for row in ChargeRate.objects.filter(segment="EQ_DELIVERY"):
        row.pk = None
        row.segment = "EQ_MTF"
        row.save(force_insert=True)
    BrokerageRate = apps.get_model("portfolio", "BrokerageRate")
    for plan, (flat, rate, cap, note) in BROKERAGE.items():
        BrokerageRate.objects.create(
            plan=plan,
            segment="EQ_MTF",
            valid_from=date(2010, 1, 1),
            flat=Decimal(flat),
            rate=Decimal(rate),
            cap=None if cap is None else Decimal(cap),
            note=note,
        )
    apps.get_model("portfolio", "MarginRate").objects.create(
        segment="EQ_MTF",
        valid_from=date(2010, 1, 1),
        long_rate=Decimal("0.5"),
        short_rate=Decimal(1),
        note="The trader's own half; it cannot be sold short.",
    )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0006_position_event_guards")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
