"""What a strategy wanted, as it is written down before anything is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from trading.strategies.domain.wish import OrderWish


@dataclass(frozen=True, slots=True)
class Wanted:
    """One order. `key` says what in the strategy asked for it; told again after a crash it is the same.

    `stop`, `target` and `trail` are the exits of a bracket, `decision_price` the last price when it was decided.
    """

    key: str
    wish: OrderWish
    decision_price: Decimal | None = None
    is_bracket: bool = False
    stop: Decimal | None = None
    target: Decimal | None = None
    trail: Decimal | None = None


class WantedKeys:
    """Names what one event makes a strategy want: the event, the instrument, the side, the how-manieth of these.

    An event that is told again after a crash may ask for less, because a part of it was done; what it asks for
    again has the same name.
    """

    def __init__(self) -> None:
        self._cause = ""
        self._counts: dict[str, int] = {}

    def begin(self, cause: str) -> None:
        """Another event is about to be told."""
        self._cause, self._counts = cause, {}

    @contextmanager
    def within(self, cause: str) -> Iterator[None]:
        """An event that is told in the midst of another, as a trade that an order of the other one made."""
        kept = self._cause, self._counts
        self.begin(cause)
        try:
            yield
        finally:
            self._cause, self._counts = kept

    def key(self, wish: OrderWish) -> str:
        """The name of the next order of this event for that instrument and side."""
        asked = f"{self._cause}|{wish.symbol}|{wish.side}"
        self._counts[asked] = count = self._counts.get(asked, 0) + 1
        return f"{asked}|{count}"
