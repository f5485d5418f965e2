"""Ready-made strategies: which options, how far from at the money, and how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from trading.brokers.domain.terms import Side

from .option_choice import Right, StrikeOffset


class View(StrEnum):
    """What a shape is for: what its user expects of the underlying."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"
    VOLATILE = "volatile"


@dataclass(frozen=True, slots=True)
class ShapeLeg:
    """One leg. Without a `right` it is the underlying: the share where it can be had, else its future.

    `later` counts expiries from the chosen one; `lots` are the options' lots also of the underlying.
    """

    side: Side
    right: Right | None
    offset: StrikeOffset = StrikeOffset()  # noqa: RUF009  # frozen
    lots: int = 1
    later: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A strategy by its usual name."""

    key: str
    name: str
    view: View
    legs: tuple[ShapeLeg, ...]

    @property
    def is_of_one_expiry(self) -> bool:
        """Whether it is made of options of one expiry alone."""
        return all(leg.right is not None and leg.later == 0 for leg in self.legs)


def _leg(text: str) -> ShapeLeg:
    """From "BUY CE OTM2", "SELL PE ATM x2", "BUY CE ATM later", "BUY underlying"."""
    side, what, *more = text.split()
    if what == "underlying":
        return ShapeLeg(Side(side), None)
    lots = next((int(word[1:]) for word in more if word.startswith("x")), 1)
    return ShapeLeg(Side(side), Right(what), StrikeOffset.parse(more[0]), lots, int("later" in more))


def _shape(name: str, view: View, *legs: str) -> tuple[str, Shape]:
    key = name.lower().replace(" ", "-")
    return key, Shape(key, name, view, tuple(_leg(text) for text in legs))


SHAPES: Mapping[str, Shape] = MappingProxyType(
    dict(
        [
            _shape("Long call", View.BULLISH, "BUY CE ATM"),
            _shape("Short put", View.BULLISH, "SELL PE ATM"),
            _shape("Bull call spread", View.BULLISH, "BUY CE ATM", "SELL CE OTM2"),
            _shape("Bull put spread", View.BULLISH, "BUY PE OTM2", "SELL PE ATM"),
            _shape("Call ratio back spread", View.BULLISH, "BUY CE OTM2 x2", "SELL CE ATM"),
            _shape("Covered call", View.BULLISH, "BUY underlying", "SELL CE OTM2"),
            _shape("Protective put", View.BULLISH, "BUY underlying", "BUY PE OTM2"),
            _shape("Collar", View.BULLISH, "BUY underlying", "BUY PE OTM2", "SELL CE OTM2"),
            _shape("Long put", View.BEARISH, "BUY PE ATM"),
            _shape("Short call", View.BEARISH, "SELL CE ATM"),
            _shape("Bear put spread", View.BEARISH, "BUY PE ATM", "SELL PE OTM2"),
            _shape("Bear call spread", View.BEARISH, "BUY CE OTM2", "SELL CE ATM"),
            _shape("Put ratio back spread", View.BEARISH, "BUY PE OTM2 x2", "SELL PE ATM"),
            _shape("Short straddle", View.NEUTRAL, "SELL CE ATM", "SELL PE ATM"),
            _shape("Short strangle", View.NEUTRAL, "SELL CE OTM2", "SELL PE OTM2"),
            _shape("Iron condor", View.NEUTRAL, "BUY CE OTM3", "SELL CE OTM1", "SELL PE OTM1", "BUY PE OTM3"),
            _shape("Iron butterfly", View.NEUTRAL, "BUY CE OTM2", "SELL CE ATM", "SELL PE ATM", "BUY PE OTM2"),
            _shape("Call butterfly", View.NEUTRAL, "BUY CE ITM2", "SELL CE ATM x2", "BUY CE OTM2"),
            _shape("Call ratio spread", View.NEUTRAL, "BUY CE ATM", "SELL CE OTM2 x2"),
            _shape("Put ratio spread", View.NEUTRAL, "BUY PE ATM", "SELL PE OTM2 x2"),
            _shape("Call calendar", View.NEUTRAL, "SELL CE ATM", "BUY CE ATM later"),
            _shape("Put calendar", View.NEUTRAL, "SELL PE ATM", "BUY PE ATM later"),
            _shape("Call diagonal", View.BULLISH, "SELL CE OTM2", "BUY CE ATM later"),
            _shape("Put diagonal", View.BEARISH, "SELL PE OTM2", "BUY PE ATM later"),
            _shape(
                "Double calendar",
                View.NEUTRAL,
                "SELL CE OTM2",
                "BUY CE OTM2 later",
                "SELL PE OTM2",
                "BUY PE OTM2 later",
            ),
            _shape("Long straddle", View.VOLATILE, "BUY CE ATM", "BUY PE ATM"),
            _shape("Long strangle", View.VOLATILE, "BUY CE OTM2", "BUY PE OTM2"),
            _shape(
                "Reverse iron condor", View.VOLATILE, "SELL CE OTM3", "BUY CE OTM1", "BUY PE OTM1", "SELL PE OTM3"
            ),
        ]
    )
)
