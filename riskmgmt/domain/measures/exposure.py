"""Where the money is: gross and net exposure by any name that positions share."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .book import NO_GREEKS, Asset, AssetGreeks, Book


@dataclass(frozen=True, slots=True)
class Exposure:
    """Rupees: `gross` counts every position, `net` lets long and short offset, both through options' deltas.

    `market_value` is what the positions would fetch. `share` is the part of the whole book's gross.
    """

    name: str
    gross: float
    net: float
    market_value: float
    share: float
    greeks: AssetGreeks

    @property
    def long(self) -> float:
        """The part of the gross that gains when prices rise."""
        return (self.gross + self.net) / 2

    @property
    def short(self) -> float:
        """The part of the gross that gains when prices fall."""
        return (self.gross - self.net) / 2


GROUPS: dict[str, Callable[[Asset], str]] = {
    "symbol": lambda asset: asset.key,
    "underlying": lambda asset: asset.driver,
    "sector": lambda asset: asset.sector or "Other",
    "product": lambda asset: asset.product,
    "strategy": lambda asset: asset.strategy or "None",
}


def exposures(book: Book, *, by: str) -> list[Exposure]:
    """The book's exposure by one of `GROUPS`, the largest first. Raises KeyError for another name."""
    name_of = GROUPS[by]
    parts: dict[str, list[tuple[Asset, AssetGreeks]]] = defaultdict(list)
    for asset, sensitivity in zip(book.assets, book.greeks_by_asset(), strict=True):
        parts[name_of(asset)].append((asset, sensitivity))
    whole = sum(_gross(part) for part in parts.values())
    found = [_exposure(name, part, whole) for name, part in parts.items()]
    return sorted(found, key=lambda each: (-each.gross, each.name))


def _gross(part: Iterable[tuple[Asset, AssetGreeks]]) -> float:
    return sum(abs(sensitivity.delta_value) for _, sensitivity in part)


def _exposure(name: str, part: list[tuple[Asset, AssetGreeks]], whole: float) -> Exposure:
    gross = _gross(part)
    return Exposure(
        name=name,
        gross=gross,
        net=sum(sensitivity.delta_value for _, sensitivity in part),
        market_value=sum(asset.value for asset, _ in part),
        share=gross / whole if whole else 0.0,
        greeks=sum((sensitivity for _, sensitivity in part), NO_GREEKS),
    )
