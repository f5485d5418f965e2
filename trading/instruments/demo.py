"""The instruments of the simulated market: well-known names, invented prices."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from .domain.calendar import CalendarUnknown
from .domain.expiries import (
    monthly_expiry,
    nominal_monthly_expiry,
    nominal_weekly_expiry,
    weekly_expiry,
)
from .domain.keys import Contract, Exchange, InstrumentKey, Right
from .domain.tick_table import OPTION_TICK, index_future_tick, stock_tick
from .models import BrokerToken, Instrument, InstrumentType, Source
from .process_cache import forget_reference_data_on_commit
from .selectors import calendar_for

_FILE = Path(__file__).resolve().parent / "data" / "simulated.csv"
_UNDERLYING = "NIFTY"
_LOT_SIZE = 65
_FREEZE_QUANTITY = 1800
_STRIKE_STEP = 100
# Strikes on each side of the money, and how many weeks and months are listed.
_STRIKES_ASIDE = 15
_WEEKS, _MONTHS = 2, 3
_INDEX_TICK = Decimal("0.05")


def reference_prices() -> dict[str, Decimal]:
    """Where the simulation starts each index, stock and ETF, in rupees, by instrument key."""
    return {f"{Exchange.NSE}:{row['symbol']}": Decimal(row["price"]) for row in _rows()}


@transaction.atomic
def seed_simulated_instruments(on_date: date) -> list[Instrument]:
    """Create or refresh the simulated market's instruments as listed on a date, and return them.

    Indices, stocks, an ETF, the NIFTY futures of three months, and options of two weeks and of those months,
    15 strikes either side of the money. Calling it again on the same date changes nothing.
    """
    instruments = [_cash_instrument(row, on_date) for row in _rows()]
    instruments += [*_futures(on_date), *_options(on_date)]
    Instrument.objects.bulk_create(
        instruments,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[
            "name", "expiry", "lot_size", "tick_size", "freeze_quantity", "has_derivatives", "is_active"
        ],
    )  # fmt: skip
    seeded = list(Instrument.objects.filter(key__in=[instrument.key for instrument in instruments]))
    BrokerToken.objects.bulk_create(
        [
            BrokerToken(
                instrument=instrument,
                source=Source.SIMULATED,
                token=instrument.key,
                valid_from=date(2000, 1, 1),
                valid_to=instrument.expiry,
            )
            for instrument in seeded
        ],
        ignore_conflicts=True,
    )
    forget_reference_data_on_commit()
    return seeded


def _rows() -> list[dict[str, str]]:
    with _FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _cash_instrument(row: dict[str, str], on: date) -> Instrument:
    is_index = row["type"] == InstrumentType.INDEX
    return Instrument(
        key=str(InstrumentKey(Exchange.NSE, row["symbol"])),
        exchange=Exchange.NSE,
        symbol=row["symbol"],
        name=row["name"],
        instrument_type=row["type"],
        isin=row["isin"],
        tick_size=_INDEX_TICK if is_index else stock_tick(Decimal(row["price"]), on),
        has_derivatives=row["has_derivatives"] == "1",
    )


def _futures(on: date) -> list[Instrument]:
    tick = index_future_tick(reference_prices()[f"{Exchange.NSE}:{_UNDERLYING}"], on)
    return [
        _derivative(Contract(_UNDERLYING, expiry.year, expiry.month, Right.FUTURE), expiry, tick)
        for expiry in _months(on)
    ]


def _options(on: date) -> list[Instrument]:
    spot = reference_prices()[f"{Exchange.NSE}:{_UNDERLYING}"]
    money = int(spot / _STRIKE_STEP) * _STRIKE_STEP
    monthly = _months(on)
    return [
        _derivative(
            Contract(
                _UNDERLYING,
                expiry.year,
                expiry.month,
                right,
                day=None if expiry in monthly else expiry.day,
                strike=Decimal(money + step * _STRIKE_STEP),
            ),
            expiry,
            OPTION_TICK,
        )
        for expiry in sorted({*_weeks(on), *monthly})
        for step in range(-_STRIKES_ASIDE, _STRIKES_ASIDE + 1)
        for right in (Right.CALL, Right.PUT)
    ]


def _weeks(on: date) -> list[date]:
    """The next weekly expiries; the last of a month is that month's own."""
    weeks: list[date] = []
    while len(weeks) < _WEEKS:
        weeks.append(_week_expiry(weeks[-1] + timedelta(days=1) if weeks else on))
    return weeks


def _months(on: date) -> list[date]:
    """The expiries of this month, or of the next one where it is over, and of the months after it."""
    first = on.year * 12 + on.month - 1
    expiries = [_month_expiry(month // 12, month % 12 + 1) for month in range(first, first + _MONTHS + 1)]
    return [expiry for expiry in expiries if expiry >= on][:_MONTHS]


def _week_expiry(on: date) -> date:
    try:
        return weekly_expiry(calendar_for(Exchange.NSE), on)
    except CalendarUnknown:
        return nominal_weekly_expiry(on)


def _month_expiry(year: int, month: int) -> date:
    # A demo outlives the calendar it shipped with: without data the simulation keeps to the weekday.
    try:
        return monthly_expiry(calendar_for(Exchange.NSE), year, month)
    except CalendarUnknown:
        return nominal_monthly_expiry(year, month)


def _derivative(contract: Contract, expiry: date, tick: Decimal) -> Instrument:
    return Instrument(
        key=str(InstrumentKey(Exchange.NFO, contract.symbol)),
        exchange=Exchange.NFO,
        symbol=contract.symbol,
        name=f"Nifty 50 {expiry:%d %b %Y} {contract.strike or ''} {contract.right.name.lower()}".replace("  ", " "),
        instrument_type=contract.right.value,
        underlying=contract.underlying,
        expiry=expiry,
        strike=contract.strike,
        lot_size=_LOT_SIZE,
        tick_size=tick,
        freeze_quantity=_FREEZE_QUANTITY,
    )
