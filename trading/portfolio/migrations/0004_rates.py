"""Charges, brokerage and margins as first known. Later changes are rows that an operator adds in the admin.

Sources: NSE and BSE circulars of 27 September 2024 (single transaction-charge slab; 2.97/1.73/35.03 per lakh plus
IPFT 0.10/0.10/0.50 per lakh), the securities transaction tax of the Finance Acts 2024 and 2026, the uniform stamp
duty of July 2020. Rows from 2010 are approximations, so that replays of those years have plausible costs.
"""

from datetime import date
from decimal import Decimal

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPROXIMATE = "Approximate: slabs and state stamp duties of the time are averaged."
TAXED_SERVICE = "Approximate; service tax and cesses stand in the GST column."

# stt_buy, stt_sell, exchange, IPFT, GST on IPFT, SEBI, stamp_buy, stamp_sell, GST; all per rupee of turnover.
CHARGES = [
    (date(2010, 1, 1), TAXED_SERVICE, {
        ("NSE", "EQ_DELIVERY"): ("0.001", "0.001", "0.0000325", "0", False, "0.000002", "0.0001", "0.0001", "0.15"),
        ("NSE", "EQ_INTRADAY"): ("0", "0.00025", "0.0000325", "0", False, "0.000002", "0.00002", "0.00002", "0.15"),
        ("NFO", "FUT"): ("0", "0.0001", "0.000019", "0", False, "0.000002", "0.00002", "0.00002", "0.15"),
        ("NFO", "OPT"): ("0", "0.0005", "0.0005", "0", False, "0.000002", "0.00002", "0.00002", "0.15"),
        ("BSE", "EQ_DELIVERY"): ("0.001", "0.001", "0.0000275", "0", False, "0.000002", "0.0001", "0.0001", "0.15"),
        ("BSE", "EQ_INTRADAY"): ("0", "0.00025", "0.0000275", "0", False, "0.000002", "0.00002", "0.00002", "0.15"),
        ("BFO", "FUT"): ("0", "0.0001", "0", "0", False, "0.000002", "0.00002", "0.00002", "0.15"),
        ("BFO", "OPT"): ("0", "0.0005", "0.0005", "0", False, "0.000002", "0.00002", "0.00002", "0.15"),
    }),
    (date(2020, 7, 1), APPROXIMATE, {
        ("NSE", "EQ_DELIVERY"): ("0.001", "0.001", "0.0000325", "0.000001", False, "0.000001", "0.00015", "0", "0.18"),
        ("NSE", "EQ_INTRADAY"): ("0", "0.00025", "0.0000325", "0.000001", False, "0.000001", "0.00003", "0", "0.18"),
        ("NFO", "FUT"): ("0", "0.000125", "0.000019", "0.000001", False, "0.000001", "0.00002", "0", "0.18"),
        ("NFO", "OPT"): ("0", "0.000625", "0.0005", "0.000005", False, "0.000001", "0.00003", "0", "0.18"),
        ("BSE", "EQ_DELIVERY"): ("0.001", "0.001", "0.0000375", "0", False, "0.000001", "0.00015", "0", "0.18"),
        ("BSE", "EQ_INTRADAY"): ("0", "0.00025", "0.0000375", "0", False, "0.000001", "0.00003", "0", "0.18"),
        ("BFO", "FUT"): ("0", "0.000125", "0", "0", False, "0.000001", "0.00002", "0", "0.18"),
        ("BFO", "OPT"): ("0", "0.000625", "0.000325", "0", False, "0.000001", "0.00003", "0", "0.18"),
    }),
    (date(2024, 10, 1), "", {
        ("NSE", "EQ_DELIVERY"): ("0.001", "0.001", "0.0000297", "0.000001", True, "0.000001", "0.00015", "0", "0.18"),
        ("NSE", "EQ_INTRADAY"): ("0", "0.00025", "0.0000297", "0.000001", True, "0.000001", "0.00003", "0", "0.18"),
        ("NFO", "FUT"): ("0", "0.0002", "0.0000173", "0.000001", True, "0.000001", "0.00002", "0", "0.18"),
        ("NFO", "OPT"): ("0", "0.001", "0.0003503", "0.000005", True, "0.000001", "0.00003", "0", "0.18"),
        ("BSE", "EQ_DELIVERY"): ("0.001", "0.001", "0.0000375", "0", True, "0.000001", "0.00015", "0", "0.18"),
        ("BSE", "EQ_INTRADAY"): ("0", "0.00025", "0.0000375", "0", True, "0.000001", "0.00003", "0", "0.18"),
        ("BFO", "FUT"): ("0", "0.0002", "0", "0", True, "0.000001", "0.00002", "0", "0.18"),
        ("BFO", "OPT"): ("0", "0.001", "0.000325", "0", True, "0.000001", "0.00003", "0", "0.18"),
    }),
    (date(2026, 4, 1), "", {
        ("NFO", "FUT"): ("0", "0.0005", "0.0000173", "0.000001", True, "0.000001", "0.00002", "0", "0.18"),
        ("NFO", "OPT"): ("0", "0.0015", "0.0003503", "0.000005", True, "0.000001", "0.00003", "0", "0.18"),
        ("BFO", "FUT"): ("0", "0.0005", "0", "0", True, "0.000001", "0.00002", "0", "0.18"),
        ("BFO", "OPT"): ("0", "0.0015", "0.000325", "0", True, "0.000001", "0.00003", "0", "0.18"),
    }),
]  # fmt: skip
CHARGE_COLUMNS = (
    "stt_buy", "stt_sell", "exchange_rate", "ipft_rate", "gst_on_ipft", "sebi_rate", "stamp_buy", "stamp_sell",
    "gst_rate",
)  # fmt: skip

# flat rupees, rate of turnover, cap in rupees; per executed order.
BROKERAGE = {
    "paper": {
        "EQ_DELIVERY": ("0", "0", None),
        "EQ_INTRADAY": ("0", "0.0003", "20"),
        "FUT": ("0", "0.0003", "20"),
        "OPT": ("20", "0", None),
    },
    "zerodha": {
        "EQ_DELIVERY": ("0", "0", None),
        "EQ_INTRADAY": ("0", "0.0003", "20"),
        "FUT": ("0", "0.0003", "20"),
        "OPT": ("20", "0", None),
    },
    "upstox": {
        "EQ_DELIVERY": ("20", "0", None),
        "EQ_INTRADAY": ("0", "0.001", "20"),
        "FUT": ("0", "0.0005", "20"),
        "OPT": ("20", "0", None),
    },
    "mstock": {
        "EQ_DELIVERY": ("0", "0", None),
        "EQ_INTRADAY": ("5", "0", None),
        "FUT": ("5", "0", None),
        "OPT": ("5", "0", None),
    },
}
BROKERAGE_NOTES = {
    "paper": "What a discount broker charges.",
    "upstox": "Published plan of 2024-25.",
    "mstock": "API plan, from third parties.",
}

MARGINS = {
    "EQ_DELIVERY": ("1", "1", "Paid in full."),
    "EQ_INTRADAY": ("0.2", "0.2", "The peak-margin rule's floor of 20 %."),
    "FUT": ("0.25", "0.25", "Above SPAN plus exposure of index and most stock futures."),
    "OPT": ("1", "0.25", "Bought: the premium. Written: of strike value plus premium."),
}


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None) -> None:
    """Write the tables above."""
    apps.get_model("portfolio", "ChargeRate").objects.bulk_create(
        apps.get_model("portfolio", "ChargeRate")(
            exchange=exchange,
            segment=segment,
            valid_from=valid_from,
            note=note,
            **{
                column: value if isinstance(value, bool) else Decimal(value)
                for column, value in zip(CHARGE_COLUMNS, values, strict=True)
            },
        )
        for valid_from, note, rows in CHARGES
        for (exchange, segment), values in rows.items()
    )
    apps.get_model("portfolio", "BrokerageRate").objects.bulk_create(
        apps.get_model("portfolio", "BrokerageRate")(
            plan=plan,
            segment=segment,
            valid_from=date(2010, 1, 1),
            flat=Decimal(flat),
            rate=Decimal(rate),
            cap=None if cap is None else Decimal(cap),
            note=BROKERAGE_NOTES.get(plan, ""),
        )
        for plan, rows in BROKERAGE.items()
        for segment, (flat, rate, cap) in rows.items()
    )
    apps.get_model("portfolio", "MarginRate").objects.bulk_create(
        apps.get_model("portfolio", "MarginRate")(
            segment=segment,
            valid_from=date(2010, 1, 1),
            long_rate=Decimal(long_rate),
            short_rate=Decimal(short_rate),
            note=note,
        )
        for segment, (long_rate, short_rate, note) in MARGINS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_ledger_guards")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
