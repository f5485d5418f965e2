"""What a run traded beside what a backtest of the same span would have traded, trade by trade."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trading.brokers.domain.terms import Side

DEFAULT_TOLERANCE = timedelta(seconds=90)
"""A live decision on a bar comes a few seconds after its end, and its fill when the market gives it."""


@dataclass(frozen=True, slots=True)
class Traded:
    """The trades of one order as one: `price` is their average, `charges` their sum, rupees; `at` the first's.
    `waited` is how long its signal waited for a person's approval."""

    order: str
    symbol: str
    side: Side
    quantity: int
    price: Decimal
    at: datetime
    charges: Decimal = Decimal(0)
    waited: timedelta = timedelta(0)

    @property
    def unasked_at(self) -> datetime:
        """When it would have traded if nobody had been asked."""
        return self.at - self.waited


class Verdict(StrEnum):
    """How a trade of the run compares. PRICE and QUANTITY were traded by both, MISSED by the backtest only, EXTRA
    by the run only."""

    SAME = "SAME"
    PRICE = "PRICE"
    QUANTITY = "QUANTITY"
    MISSED = "MISSED"
    EXTRA = "EXTRA"


@dataclass(frozen=True, slots=True)
class Compared:
    """One trade on both sides, or on the one that has it."""

    verdict: Verdict
    run: Traded | None
    backtest: Traded | None

    @property
    def at(self) -> datetime:
        """When it was traded, by the run if it did."""
        found = self.run or self.backtest
        assert found is not None, "one side has it"
        return found.at

    @property
    def delay(self) -> timedelta | None:
        """How much later the run traded than the backtest; None where only one of them did."""
        return None if self.run is None or self.backtest is None else self.run.at - self.backtest.at

    @property
    def slippage(self) -> Decimal:
        """What the run's price cost it against the backtest's, rupees; negative where it was better. Of what both
        traded."""
        if self.run is None or self.backtest is None:
            return Decimal(0)
        both = min(self.run.quantity, self.backtest.quantity)
        return (self.run.price - self.backtest.price) * self.run.side.sign * both


@dataclass(frozen=True, slots=True)
class Divergence:
    """All trades of the span, in order of time."""

    trades: tuple[Compared, ...]

    def count(self, verdict: Verdict) -> int:
        """How many trades compare like that."""
        return sum(each.verdict is verdict for each in self.trades)

    @property
    def agreement(self) -> float:
        """The share of trades that both made in the same quantity, 0 to 1; 1 when neither traded."""
        both = self.count(Verdict.SAME) + self.count(Verdict.PRICE)
        return both / len(self.trades) if self.trades else 1.0

    @property
    def slippage(self) -> Decimal:
        """What prices cost the run against the backtest, rupees."""
        return sum((each.slippage for each in self.trades), Decimal(0))

    @property
    def charges(self) -> Decimal:
        """How much more the run paid in charges, rupees."""
        run = sum((each.run.charges for each in self.trades if each.run), Decimal(0))
        return run - sum((each.backtest.charges for each in self.trades if each.backtest), Decimal(0))


def joined(fills: Iterable[Traded]) -> list[Traded]:
    """Trades of one order as one, in order of time: an order that fills in parts is one trade of the strategy."""
    orders: dict[str, list[Traded]] = {}
    for fill in fills:
        orders.setdefault(fill.order, []).append(fill)
    return sorted((_one(parts) for parts in orders.values()), key=lambda each: (each.at, each.order))


def compare(
    run: Sequence[Traded],
    backtest: Sequence[Traded],
    *,
    tolerance: timedelta = DEFAULT_TOLERANCE,
    tick: Decimal = Decimal("0.05"),
) -> Divergence:
    """Pair the trades of one instrument and side in their order, where they lie within the tolerance of each other.

    What a person let wait is held against when it would have traded without. Prices that differ by less than a tick
    are the same. Neither side's order of trades is ever crossed, so that one
    missed trade does not shift all that follow.
    """
    ours, theirs = _by_kind(run), _by_kind(backtest)
    found = [
        compared
        for kind in ours.keys() | theirs.keys()
        for compared in _aligned(ours.get(kind, []), theirs.get(kind, []), tolerance, tick)
    ]
    return Divergence(tuple(sorted(found, key=lambda each: (each.at, each.verdict))))


def _aligned(run: list[Traded], backtest: list[Traded], tolerance: timedelta, tick: Decimal) -> list[Compared]:
    found = []
    mine, other = 0, 0
    while mine < len(run) and other < len(backtest):
        one, two = run[mine], backtest[other]
        if abs(one.unasked_at - two.unasked_at) <= tolerance:
            found.append(Compared(_verdict(one, two, tick), one, two))
            mine, other = mine + 1, other + 1
        elif one.unasked_at < two.unasked_at:
            found.append(Compared(Verdict.EXTRA, one, None))
            mine += 1
        else:
            found.append(Compared(Verdict.MISSED, None, two))
            other += 1
    found += [Compared(Verdict.EXTRA, each, None) for each in run[mine:]]
    return found + [Compared(Verdict.MISSED, None, each) for each in backtest[other:]]


def _verdict(one: Traded, two: Traded, tick: Decimal) -> Verdict:
    if one.quantity != two.quantity:
        return Verdict.QUANTITY
    return Verdict.SAME if abs(one.price - two.price) < tick else Verdict.PRICE


def _by_kind(trades: Sequence[Traded]) -> dict[tuple[str, Side], list[Traded]]:
    found: dict[tuple[str, Side], list[Traded]] = {}
    for trade in sorted(trades, key=lambda each: (each.unasked_at, each.order)):
        found.setdefault((trade.symbol, trade.side), []).append(trade)
    return found


def _one(parts: Sequence[Traded]) -> Traded:
    first = min(parts, key=lambda each: each.at)
    quantity = sum(each.quantity for each in parts)
    value = sum((each.price * each.quantity for each in parts), Decimal(0))
    charges = sum((each.charges for each in parts), Decimal(0))
    return replace(first, quantity=quantity, price=value / quantity, charges=charges)
