"""Real bars beside the project (SAUDA_SHARED) as a market in memory, with the charges of their time."""

import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from backtests.domain.engine import FlatRules, Listing, MemoryMarket, SessionDay, plain_listing
from core.clock import IST
from trading.brokers.domain.terms import Product
from trading.instruments.domain.sessions import Phase, PhaseWindow
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates

_DELIVERY = ("0.001", "0.001", "0.0000325", "0", False, "0.000001", "0.00015", "0", "0.18")
_INTRADAY = ("0", "0.00025", "0.0000325", "0", False, "0.000001", "0.00003", "0", "0.18")
Rows = dict[str, list[tuple[int, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesOfThen(FlatRules):
    """Levies on shares from 2020 to 2024, and a discount broker's fee."""

    brokerage_rates: BrokerageRates = field(
        default_factory=lambda: BrokerageRates(Decimal(0), Decimal("0.0003"), Decimal(20))
    )

    def charge_rates(self, listing: Listing, product: Product, day: date) -> ChargeRates:
        rates = _DELIVERY if product is Product.DELIVERY else _INTRADAY
        return ChargeRates(*(each if isinstance(each, bool) else Decimal(each) for each in rates))


def _folder() -> Path:
    return Path(os.environ["SAUDA_SHARED"]) / "data"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def _bar(start: datetime, row: dict[str, str], volume: int) -> tuple[int, ...]:
    prices = (round(float(row[name]) * 10_000) for name in ("open", "high", "low", "close"))
    return int(start.timestamp()), *prices, volume, 0


@cache
def minutes_of_2016() -> MemoryMarket:
    """Ten shares over eighteen days of August and September 2016."""
    rows: Rows = defaultdict(list)
    for path in sorted((_folder() / "minute_equity").glob("*.csv.gz")):
        for row in _rows(path):
            if row["symbol"] in ("NIFTY50", "INDIAVIX"):
                continue
            start = datetime.fromisoformat(row["timestamp_ist"]).replace(tzinfo=IST)
            rows[f"NSE:{row['symbol']}"].append(_bar(start, row, int(float(row["volume"]))))
    return _market(rows, Interval.M1)


@cache
def minutes_of_2022() -> MemoryMarket:
    """NIFTY and BANKNIFTY over 2022, to be traded as a share of their price would be; recorded without volume."""
    rows: Rows = defaultdict(list)
    for path in sorted((_folder() / "minute_index").glob("*.csv.gz")):
        for row in _rows(path):
            label = time.fromisoformat(row["time_label_ist"])
            if not time(9, 16) <= label <= time(15, 30):
                continue
            start = int(datetime.combine(date.fromisoformat(row["date"]), label, IST).timestamp()) - 60
            rows[f"NSE:{row['symbol']}"].append(_bar(datetime.fromtimestamp(start, IST), row, 1_000_000))
    return _market(rows, Interval.M1)


@cache
def days_of_2017() -> MemoryMarket:
    """Twenty shares from January 2017 to February 2022, as traded."""
    rows: Rows = defaultdict(list)
    for row in _rows(_folder() / "daily" / "nse_daily_unadjusted_2017-01_2022-02.csv.gz"):
        start = datetime.combine(date.fromisoformat(row["date"]), time(), IST)
        rows[f"NSE:{row['symbol']}"].append(_bar(start, row, int(float(row["volume"]))))
    return _market(rows, Interval.D1)


def _market(rows: Rows, interval: Interval) -> MemoryMarket:
    series = {
        symbol: BarSeries.from_columns(np.array(sorted(set(bars)), dtype=np.int64)) for symbol, bars in rows.items()
    }
    days = sorted({datetime.fromtimestamp(start, IST).date() for each in series.values() for start in each.start})
    opens, closes = time(9, 15), time(15, 30)
    return MemoryMarket(
        listings={symbol: plain_listing(symbol) for symbol in series},
        bars_by={(symbol, interval): each for symbol, each in series.items()},
        days=[
            SessionDay(
                day,
                (
                    PhaseWindow(
                        Phase.CONTINUOUS,
                        datetime.combine(day, opens, IST),
                        datetime.combine(day, closes, IST),
                    ),
                ),
            )
            for day in days
        ],
        rules=SharesOfThen(),
    )
