"""The fees of brokers' plans, the settlement cycle, the square-off times, and what exercising an option is taxed.

Sources: the brokers' published price lists as of October 2024 to 2026 (each row's note); SEBI's circulars on T+1;
the Finance Acts 2019 (exercise: 0.125 % of the intrinsic value) and 2026 (0.15 %). Square-off times after August
2026 are our own: the closing auction begins at 15:15 and brokers' new times are not published yet.
"""

from datetime import date, time
from decimal import Decimal

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from core.tenancy import enable_rls

ALWAYS = date(2010, 1, 1)
OCTOBER_2024 = date(2024, 10, 1)
APRIL_2026 = date(2026, 4, 1)
AUCTION = date(2026, 8, 3)

# plan, kind, from, rupees, daily rate, also on BTST, note
FEES = [
    ("paper", "DP", ALWAYS, "13", "0", True, "What a discount broker charges."),
    ("paper", "MTF_INTEREST", ALWAYS, "0", "0.0004", False, "What a discount broker charges."),
    ("zerodha", "DP", ALWAYS, "13.50", "0", True, "CDSL 5.50 and the broker's 8."),
    ("zerodha", "DP", OCTOBER_2024, "13", "0", True, "CDSL 3.50 and the broker's 9.50; 15.34 with GST."),
    ("zerodha", "MTF_INTEREST", ALWAYS, "0", "0.0004", False, "Published: 0.04 % a day."),
    ("upstox", "DP", ALWAYS, "18.50", "0", True, "Published plan of 2024-25."),
    ("upstox", "DP", APRIL_2026, "20", "0", True, "Price list of 2026, from third parties."),
    ("upstox", "MTF_INTEREST", ALWAYS, "0", "0.0005", False, "Published as Rs 20 a day for each Rs 40,000."),
    ("mstock", "DP", ALWAYS, "18", "0", True, "Published: Rs 18 per ISIN and day."),
    ("mstock", "MTF_INTEREST", ALWAYS, "0", "0.000411", False, "Published slab up to Rs 25 lakh."),
    ("ibkr", "DP", ALWAYS, "0", "0", False, "None published."),
]

CYCLES = [
    (ALWAYS, 2, time(15, 30), "T+2."),
    (date(2023, 1, 27), 1, time(15, 30), "T+1 for all shares."),
]

SQUARE_OFF = [
    ("EQUITY", ALWAYS, time(15, 10), time(15, 20), ""),
    ("EQUITY_FNO", ALWAYS, time(15, 10), time(15, 20), ""),
    ("EQUITY_DERIVATIVES", ALWAYS, time(15, 15), time(15, 25), ""),
    ("EQUITY_FNO", AUCTION, time(15, 0), time(15, 10), "Continuous trading ends at 15:15."),
    ("EQUITY_DERIVATIVES", AUCTION, time(15, 20), time(15, 30), "Trading ends at 15:40."),
]


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Write the tables above."""
    options = apps.get_model("portfolio", "ChargeRate").objects.filter(segment="OPT")
    options.filter(valid_from__lt=APRIL_2026).update(stt_exercise=Decimal("0.00125"))
    options.filter(valid_from__gte=APRIL_2026).update(stt_exercise=Decimal("0.0015"))
    apps.get_model("portfolio", "BrokerageRate").objects.bulk_create(
        apps.get_model("portfolio", "BrokerageRate")(
            plan="ibkr",
            segment=segment,
            valid_from=ALWAYS,
            rate=Decimal("0.0001"),
            floor=Decimal(6),
            cap=Decimal(20),
            note="Published for India: 1 basis point, Rs 6 to 20 an order.",
        )
        for segment in ("EQ_DELIVERY", "EQ_INTRADAY", "EQ_MTF", "FUT", "OPT")
    )
    apps.get_model("portfolio", "PlanFee").objects.bulk_create(
        apps.get_model("portfolio", "PlanFee")(
            plan=plan,
            kind=kind,
            valid_from=valid_from,
            amount=Decimal(amount),
            rate=Decimal(rate),
            on_unsettled=on_unsettled,
            note=note,
        )
        for plan, kind, valid_from, amount, rate, on_unsettled, note in FEES
    )
    apps.get_model("portfolio", "SettlementCycle").objects.bulk_create(
        apps.get_model("portfolio", "SettlementCycle")(valid_from=since, days=days, payout_at=at, note=note)
        for since, days, at, note in CYCLES
    )
    apps.get_model("portfolio", "SquareOffRule").objects.bulk_create(
        apps.get_model("portfolio", "SquareOffRule")(
            segment=segment, valid_from=since, warn_at=warn_at, square_off_at=square_off_at, note=note
        )
        for segment, since, warn_at, square_off_at, note in SQUARE_OFF
    )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0011_lifecycle")]

    operations = [
        enable_rls("portfolio_deliveryday"),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
