"""Which option contracts an underlying has had, by dated rules: on which days they expire, in which lots they
trade and how far apart their strikes are. For spans of the past of which no instrument master is stored.

Expiries: NSE's circulars as the press and brokers reported them (BANKNIFTY weeklies on Wednesday from 6 Sep 2023
and none after 13 Nov 2024, its months on the last Wednesday from Mar 2024; every month of NSE on the last
Thursday from Jan 2025; all on Tuesday from Sep 2025; BSE's SENSEX on Friday, Tuesday, Thursday). An expiry on a
holiday moves to the trading day before. Lots go with the contract's expiry, not with the trading day. The
beginnings of FINNIFTY's Tuesday and of BANKNIFTY's lots before 2020 are approximate.
"""

import calendar as months
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

MON, TUE, WED, THU, FRI = range(5)
_WEEKLIES, _MONTHLIES, _QUARTERLIES = 4, 3, 3
_QUARTERS = (3, 6, 9, 12)
_HORIZON = timedelta(days=430)
_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Era:
    """From `since` on, an underlying's contracts expire on these weekdays (Monday = 0); no weeklies where None."""

    since: date
    weekly: int | None
    monthly: int


@dataclass(frozen=True, slots=True)
class ListedExpiry:
    """An expiry, and whether its contracts are those of the month (or quarter) rather than of a week."""

    on: date
    is_monthly: bool


ERAS: Mapping[str, tuple[Era, ...]] = {
    "NIFTY": (
        Era(_EARLIEST, None, THU),
        Era(date(2019, 2, 11), THU, THU),
        Era(date(2025, 9, 1), TUE, TUE),
    ),
    "BANKNIFTY": (
        Era(_EARLIEST, None, THU),
        Era(date(2016, 5, 27), THU, THU),
        Era(date(2023, 9, 4), WED, THU),
        Era(date(2024, 3, 1), WED, WED),
        Era(date(2024, 11, 14), None, WED),
        Era(date(2025, 1, 1), None, THU),
        Era(date(2025, 9, 1), None, TUE),
    ),
    "FINNIFTY": (
        Era(date(2021, 1, 11), THU, THU),
        Era(date(2021, 10, 15), TUE, TUE),
        Era(date(2024, 11, 20), None, TUE),
        Era(date(2025, 1, 1), None, THU),
        Era(date(2025, 9, 1), None, TUE),
    ),
    "MIDCPNIFTY": (
        Era(date(2023, 8, 17), MON, MON),
        Era(date(2024, 11, 20), None, MON),
        Era(date(2025, 1, 1), None, THU),
        Era(date(2025, 9, 1), None, TUE),
    ),
    "SENSEX": (
        Era(date(2023, 5, 15), FRI, FRI),
        Era(date(2025, 1, 1), TUE, TUE),
        Era(date(2025, 9, 1), THU, THU),
    ),
}
_SHARES = (Era(_EARLIEST, None, THU), Era(date(2025, 9, 1), None, TUE))

# From the first expiry that had the lot on.
_LOTS: Mapping[str, tuple[tuple[date, int], ...]] = {
    "NIFTY": (
        (date(2015, 11, 26), 75),
        (date(2021, 7, 29), 50),
        (date(2024, 5, 2), 25),
        (date(2025, 1, 2), 75),
        (date(2026, 1, 1), 65),
    ),
    "BANKNIFTY": (
        (date(2016, 5, 27), 40),
        (date(2018, 11, 1), 20),
        (date(2020, 7, 30), 25),
        (date(2023, 7, 27), 15),
        (date(2025, 2, 1), 30),
        (date(2025, 7, 31), 35),
        (date(2026, 1, 1), 30),
    ),
    "FINNIFTY": ((date(2021, 1, 11), 40), (date(2024, 7, 30), 25), (date(2025, 2, 1), 65), (date(2026, 1, 1), 60)),
    "MIDCPNIFTY": (
        (date(2023, 8, 17), 75),
        (date(2024, 7, 29), 50),
        (date(2025, 2, 1), 120),
        (date(2025, 7, 31), 140),
        (date(2026, 1, 1), 120),
    ),
    "SENSEX": ((date(2023, 5, 15), 10), (date(2025, 1, 1), 20)),
}
# The month of January 2025 was listed before the lots grew, its weeks were not.
_LOTS_OF: Mapping[tuple[str, date], int] = {("NIFTY", date(2025, 1, 30)): 25}
_STEPS = {"NIFTY": 50, "BANKNIFTY": 100, "FINNIFTY": 50, "MIDCPNIFTY": 25, "SENSEX": 100}
# Shares by price up to; the exchange's own steps also go by volatility and change every month.
_SHARE_STEPS = ((100, "2.5"), (250, "5"), (500, "10"), (2500, "20"))
_WIDEST_SHARE_STEP = Decimal(50)


def listed_expiries(underlying: str, on: date, is_trading_day: Callable[[date], bool]) -> tuple[ListedExpiry, ...]:
    """The expiries that could be traded on a day, ascending: the next weeks, months and quarters.

    An underlying without eras of its own is a share. Empty before an underlying's first era.
    """
    found: list[ListedExpiry] = []
    weeks = listed_months = quarters = 0
    for nominal, is_monthly in _nominal(ERAS.get(underlying, _SHARES), on, underlying in ERAS):
        actual = _on_or_before(nominal, is_trading_day)
        if actual < on:
            continue
        if is_monthly:
            is_quarter = nominal.month in _QUARTERS and underlying in ERAS
            if listed_months < _MONTHLIES:
                listed_months += 1
            elif is_quarter and quarters < _QUARTERLIES:
                quarters += 1
            else:
                continue
        elif weeks < _WEEKLIES:
            weeks += 1
        else:
            continue
        found.append(ListedExpiry(actual, is_monthly))
    return tuple(found)


def month_expiry(underlying: str, year: int, month: int, is_trading_day: Callable[[date], bool]) -> date | None:
    """The day on which a month's own contracts expire; None where the underlying had none."""
    first = date(year, month, 1)
    last = date(year, month, months.monthrange(year, month)[1])
    span = (first + timedelta(days=each) for each in range((last - first).days + 1))
    nominal = next((day for day in span if _is_month_end(ERAS.get(underlying, _SHARES), day)), None)
    return None if nominal is None else _on_or_before(nominal, is_trading_day)


def lot_size(underlying: str, expiry: date) -> int | None:
    """Units of a lot of the contracts of an expiry; None where that is not known, as for all shares."""
    known = _LOTS_OF.get((underlying, expiry))
    lots = [lot for since, lot in _LOTS.get(underlying, ()) if since <= expiry]
    return known or (lots[-1] if lots else None)


def strike_step(underlying: str, price: Decimal) -> Decimal:
    """Rupees between neighbouring strikes near the money; of a share by its price, approximately."""
    if underlying in _STEPS:
        return Decimal(_STEPS[underlying])
    return next((Decimal(step) for up_to, step in _SHARE_STEPS if price <= up_to), _WIDEST_SHARE_STEP)


def exchange_of(underlying: str) -> tuple[str, str]:
    """Where an underlying is quoted and where its contracts trade."""
    return ("BSE", "BFO") if underlying == "SENSEX" else ("NSE", "NFO")


def _nominal(eras: Sequence[Era], on: date, has_quarters: bool) -> Iterator[tuple[date, bool]]:
    """Expiries as the weekday rule has them, from `on` (holidays may bring later ones forward) to the horizon."""
    last = on + (_HORIZON if has_quarters else timedelta(days=130))
    day = on
    while day <= last:
        if _is_month_end(eras, day):
            yield day, True
        elif _is_week_end(eras, day):
            yield day, False
        day += timedelta(days=1)


def _era(eras: Sequence[Era], day: date) -> Era | None:
    return next((era for era in reversed(eras) if era.since <= day), None)


def _is_month_end(eras: Sequence[Era], day: date) -> bool:
    era = _era(eras, day)
    return era is not None and day.weekday() == era.monthly and (day + timedelta(days=7)).month != day.month


def _is_week_end(eras: Sequence[Era], day: date) -> bool:
    """Whether a week's contracts expire; in the week in which a month's do, there are no others."""
    era = _era(eras, day)
    if era is None or day.weekday() != era.weekly:
        return False
    monday = day - timedelta(days=day.weekday())
    return not any(_is_month_end(eras, monday + timedelta(days=each)) for each in range(5))


def _on_or_before(day: date, is_trading_day: Callable[[date], bool]) -> date:
    while not is_trading_day(day):
        day -= timedelta(days=1)
    return day
