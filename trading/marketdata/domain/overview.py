"""The market at a glance: movers, breadth and sectors, from the latest quotes. Prices and values in rupees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .quote import Quote

UNSORTED = "Other"
HEAT_STEPS = (Decimal("0.05"), Decimal("0.75"), Decimal(2))
"""Per cent from which a change is a shade stronger."""


@dataclass(frozen=True, slots=True)
class YearRange:
    """The extremes of the daily bars of the last 52 weeks, and how many such bars there are."""

    low: Decimal
    high: Decimal
    days: int

    def position(self, price: Decimal) -> Decimal:
        """Where a price stands between the extremes, 0 to 100; beyond them it is at the end."""
        if self.high <= self.low:
            return Decimal(50)
        share = (price - self.low) * 100 / (self.high - self.low)
        return min(Decimal(100), max(Decimal(0), share)).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Share:
    """One share as the overview shows it; `year` is None where there are no daily bars."""

    symbol: str
    name: str
    sector: str
    quote: Quote
    year: YearRange | None

    @property
    def value(self) -> Decimal:
        """What was traded today, about: the day's volume at the last price."""
        return self.quote.ltp * self.quote.volume

    @property
    def crores(self) -> Decimal:
        """The value traded in crores of rupees."""
        return (self.value / 10_000_000).quantize(Decimal("0.01"))

    @property
    def year_position(self) -> Decimal | None:
        """Where the price stands in its 52 weeks, 0 to 100."""
        return None if self.year is None else self.year.position(self.quote.ltp)

    @property
    def heat(self) -> int:
        """The change as one of seven shades, -3 to 3: see `HEAT_STEPS`."""
        size = abs(self.quote.change_pct)
        shade = sum(size >= step for step in HEAT_STEPS)
        return shade if self.quote.change > 0 else -shade


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many shares did what."""

    advances: int
    declines: int
    unchanged: int
    above_open: int
    below_open: int
    at_year_high: int
    at_year_low: int


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector's shares, by value traded; its change weighs each share by that value."""

    name: str
    change_pct: Decimal
    value: Decimal
    advances: int
    declines: int
    shares: tuple[Share, ...]


def gainers(shares: Iterable[Share], count: int) -> list[Share]:
    """Those that rose, the most first."""
    risen = [share for share in shares if share.quote.change > 0]
    return sorted(risen, key=lambda share: (-share.quote.change_pct, share.symbol))[:count]


def losers(shares: Iterable[Share], count: int) -> list[Share]:
    """Those that fell, the most first."""
    fallen = [share for share in shares if share.quote.change < 0]
    return sorted(fallen, key=lambda share: (share.quote.change_pct, share.symbol))[:count]


def most_active(shares: Iterable[Share], count: int) -> list[Share]:
    """Those of which most was traded, by value."""
    traded = [share for share in shares if share.value]
    return sorted(traded, key=lambda share: (-share.value, share.symbol))[:count]


def breadth(shares: Sequence[Share]) -> Breadth:
    """Of all shares together. A share at its year's extreme has reached it today."""
    quotes = [share.quote for share in shares]
    known = [(share.quote, share.year) for share in shares if share.year is not None]
    return Breadth(
        advances=sum(quote.change > 0 for quote in quotes),
        declines=sum(quote.change < 0 for quote in quotes),
        unchanged=sum(quote.change == 0 for quote in quotes),
        above_open=sum(quote.ltp > quote.open for quote in quotes),
        below_open=sum(quote.ltp < quote.open for quote in quotes),
        at_year_high=sum(quote.high >= year.high for quote, year in known),
        at_year_low=sum(quote.low <= year.low for quote, year in known),
    )


def by_sector(shares: Iterable[Share]) -> list[Sector]:
    """The sectors, the one with most value traded first."""
    members: dict[str, list[Share]] = {}
    for share in shares:
        members.setdefault(share.sector, []).append(share)
    sectors = [_sector(name, listed) for name, listed in members.items()]
    return sorted(sectors, key=lambda sector: (sector.name == UNSORTED, -sector.value, sector.name))


def _sector(name: str, shares: Sequence[Share]) -> Sector:
    value = sum((share.value for share in shares), Decimal(0))
    weights = [share.value if value else Decimal(1) for share in shares]
    changes = (share.quote.change_pct * weight for share, weight in zip(shares, weights, strict=True))
    change = sum(changes, Decimal(0)) / sum(weights, Decimal(0))
    return Sector(
        name=name,
        change_pct=change.quantize(Decimal("0.01")),
        value=value,
        advances=sum(share.quote.change > 0 for share in shares),
        declines=sum(share.quote.change < 0 for share in shares),
        shares=tuple(sorted(shares, key=lambda share: (-share.value, share.symbol))),
    )


def sector_of(symbol: str, sectors: Mapping[str, str]) -> str:
    """A share's sector, `UNSORTED` where none is known."""
    return sectors.get(symbol, UNSORTED)
