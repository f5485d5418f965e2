"""Delivery on borrowed money: what it blocks and its brokerage. Levies are those of delivery.

SEBI asks for VaR plus three times the extreme loss margin on shares with derivatives and five times on others
(circular of 13 June 2017); a quarter of the value covers most of the former, and brokers lend up to that.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FROM = date(2010, 1, 1)
# flat rupees, rate of turnover, cap in rupees; per executed order.
BROKERAGE = {
    "paper": ("0", "0.003", "20"),
    "zerodha": ("0", "0.003", "20"),
    "upstox": ("20", "0", None),
    "mstock": ("5", "0", None),
}


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the rows."""
    apps.get_model("portfolio", "MarginRate").objects.create(
        segment="EQ_MTF",
        valid_from=FROM,
        long_rate=Decimal("0.25"),
        short_rate=Decimal(1),
        note="Own money for shares bought on margin; they cannot be sold short.",
    )
    apps.get_model("portfolio", "BrokerageRate").objects.bulk_create(
        apps.get_model("portfolio", "BrokerageRate")(
            plan=plan,
            segment="EQ_MTF",
            valid_from=FROM,
            flat=Decimal(flat),
            rate=Decimal(rate),
            cap=None if cap is None else Decimal(cap),
        )
        for plan, (flat, rate, cap) in BROKERAGE.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_row_level_security"),
        ("instruments", "0001_initial"),
        ("portfolio", "0004_rates"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="position",
            name="position_delivery_not_short",
        ),
        migrations.AlterField(
            model_name="brokeragerate",
            name="segment",
            field=models.CharField(
                choices=[
                    ("EQ_DELIVERY", "Eq Delivery"),
                    ("EQ_INTRADAY", "Eq Intraday"),
                    ("EQ_MTF", "Eq Mtf"),
                    ("FUT", "Fut"),
                    ("OPT", "Opt"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="chargerate",
            name="segment",
            field=models.CharField(
                choices=[
                    ("EQ_DELIVERY", "Eq Delivery"),
                    ("EQ_INTRADAY", "Eq Intraday"),
                    ("EQ_MTF", "Eq Mtf"),
                    ("FUT", "Fut"),
                    ("OPT", "Opt"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="marginrate",
            name="segment",
            field=models.CharField(
                choices=[
                    ("EQ_DELIVERY", "Eq Delivery"),
                    ("EQ_INTRADAY", "Eq Intraday"),
                    ("EQ_MTF", "Eq Mtf"),
                    ("FUT", "Fut"),
                    ("OPT", "Opt"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="position",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("product__in", ["DELIVERY", "MTF"]), _negated=True),
                    ("quantity__gte", 0),
                    _connector="OR",
                ),
                name="position_delivery_not_short",
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
