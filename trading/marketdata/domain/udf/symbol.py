"""How the protocol describes an instrument."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from trading.instruments.domain.calendar import DayKind, ExceptionalDay, Hours

ALWAYS = "24x7"
TYPES = {
    "INDEX": ("index", "Index"),
    "EQ": ("stock", "Stock"),
    "ETF": ("fund", "Fund"),
    "DEBT": ("bond", "Bond"),
    "FUT": ("futures", "Futures"),
    "CE": ("option", "Option"),
    "PE": ("option", "Option"),
}
"""By instrument type: the protocol's word and its name for people."""


@dataclass(frozen=True, slots=True)
class PriceFormat:
    """A price moves in steps of `minmov` / `pricescale` rupees."""

    minmov: int
    pricescale: int


def price_format(tick: Decimal) -> PriceFormat:
    """Of a tick in rupees: 0.05 is 5/100, 0.0025 is 25/10000, 1 is 100/100; never fewer places than paise."""
    exponent = tick.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return PriceFormat(minmov=int(tick.scaleb(places)), pricescale=10**places)


def instrument_types(word: str) -> list[str]:
    """The instrument types behind a word of the protocol; none for a word that it does not have."""
    return [kind for kind, (known, _) in TYPES.items() if known == word]


def session_text(hours: Iterable[Hours]) -> str:
    """Sessions of a day: `0915-1530`, several with a comma between."""
    return ",".join(f"{_hhmm(each.opens)}-{_hhmm(each.closes)}" for each in hours)


def holidays_text(days: Iterable[ExceptionalDay]) -> str:
    """Days without any session: `20261108,20261225`."""
    return ",".join(f"{day.on:%Y%m%d}" for day in days if day.kind is DayKind.HOLIDAY)


def corrections_text(days: Iterable[ExceptionalDay]) -> str:
    """Days with hours of their own: `1800-1900:20261108;0915-1200:20261230`."""
    own = ((session_text(day.hours), day) for day in days if day.hours)
    return ";".join(f"{hours}:{day.on:%Y%m%d}" for hours, day in own)


def _hhmm(at: time) -> str:
    return f"{at:%H%M}"
