"""One run: its fills, its equity, its figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from analytics.domain.conventions import Conventions
from core.money import to_paise
from trading.marketdata.domain.bars import Int64Array

from . import columns, loop
from .book import FirstPieces
from .columns import FloatArray, Signals
from .depository import NO_DEPOSITORY
from .figures import Figures, figures_of
from .market import Market, Marks, Prices
from .terms import Stopped, Terms

CONVENTIONS = Conventions()
Given = tuple[
    *Prices, FirstPieces, Signals, Marks, Int64Array, Int64Array, Int64Array, Int64Array, Int64Array, float
]
"""A market and terms in the order in which the loop takes them."""


@dataclass(frozen=True, slots=True)
class Fills:
    """Columns of one length in order of time: the bar, signed units, ten-thousandths, paise, `Reason`, and the
    number of the order, which has a fill for each level of each snapshot that it trades on."""

    bar: Int64Array
    quantity: Int64Array
    price: Int64Array
    charges: Int64Array
    reason: Int64Array
    order: Int64Array

    def __len__(self) -> int:
        return len(self.bar)


@dataclass(frozen=True, slots=True)
class Trades:
    """Finished round trips, columns of one length: positions of bars, signed units, ten-thousandths, paise.

    Prices are the means of the orders. `net` is in ten-thousandths of a rupee, after the charges of both ends;
    `reason` is why it was closed.
    """

    entry_bar: Int64Array
    exit_bar: Int64Array
    quantity: Int64Array
    entry_price: FloatArray
    exit_price: FloatArray
    charges: Int64Array
    net: Int64Array
    reason: Int64Array

    def __len__(self) -> int:
        return len(self.entry_bar)


@dataclass(frozen=True, slots=True)
class KernelResult:
    """What a run came to. `equity` is paise at each bar's close, `daily` at each Indian day's last one."""

    fills: Fills
    equity: Int64Array
    daily: Int64Array
    figures: Figures
    refused: int
    stopped: Stopped

    def trades(self) -> Trades:
        """The fills as round trips: those of an order are one, at its mean price, and what does not close the
        position opens the next."""
        found: list[tuple[int, int, int, Fraction, Fraction, int, int, int]] = []
        position, entry, entry_bar, borne = 0, Fraction(), 0, 0
        for bar, quantity, value, charges, reason in self._orders():
            price = Fraction(value, quantity)
            part = min(abs(position), abs(quantity)) if position * quantity < 0 else 0
            if part:
                signed = part if position > 0 else -part
                of_entry, of_order = borne * part // abs(position), charges * part // abs(quantity)
                cost = of_entry + of_order
                net = (price - entry) * signed - cost * 100
                found.append((entry_bar, bar, signed, entry, price, cost, round(net / 100) * 100, reason))
                borne, charges = borne - of_entry, charges - of_order
            position += quantity
            if abs(quantity) > part:
                entry, entry_bar, borne = price, bar, charges
        table = np.array([[float(each) for each in row] for row in found]).reshape(-1, 8)
        whole = np.array([[int(each) for each in row] for row in found], dtype=np.int64).reshape(-1, 8)
        return Trades(
            entry_bar=whole[:, 0],
            exit_bar=whole[:, 1],
            quantity=whole[:, 2],
            entry_price=table[:, 3],
            exit_price=table[:, 4],
            charges=whole[:, 5],
            net=whole[:, 6],
            reason=whole[:, 7],
        )

    def _orders(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Each order's bar, signed units, signed value (ten-thousandths), charges and reason."""
        fills = self.fills
        first = np.flatnonzero(np.r_[True, fills.order[1:] != fills.order[:-1]][: len(fills)])
        if not len(first):
            return
        values = fills.quantity * fills.price
        sums = (np.add.reduceat(each, first).tolist() for each in (fills.quantity, values, fills.charges))
        yield from zip(fills.bar[first].tolist(), *sums, fills.reason[first].tolist(), strict=True)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A market and terms in the loop's own words, made once for any number of runs."""

    market: Market
    terms: Terms
    numbers: Int64Array
    rates: Int64Array
    rate_bars: Int64Array
    depository: Int64Array
    conventions: Conventions

    @classmethod
    def of(cls, market: Market, terms: Terms, conventions: Conventions) -> "Prepared":
        """Raises InvalidInput: `rates_missing`, `sizing_invalid`."""
        rates, rate_bars = terms.rate_table(market.bars.start)
        numbers = terms.numbers(tick=market.tick, lot=market.lot)
        depository = NO_DEPOSITORY if market.depository is None else market.depository.table()
        return cls(market, terms, numbers, rates, rate_bars, depository, conventions)

    def trade(
        self, signals: Signals, *, equity: Int64Array, daily: Int64Array, totals: Int64Array, sums: FloatArray
    ) -> Int64Array:
        """`loop.trade` over this market, with its fills."""
        return loop.trade(*self._given(signals), True, equity, daily, totals, sums)

    def trade_each(self, signals: Signals, *, daily: Int64Array, totals: Int64Array, sums: FloatArray) -> None:
        """`loop.trade_each` over this market; the interpreter's lock is let go meanwhile."""
        loop.trade_each(*self._given(signals), daily, totals, sums)

    def _given(self, signals: Signals) -> Given:
        """What both begin with."""
        market = self.market
        return (
            *market.prices,
            market.first_pieces,
            signals,
            market.marks,
            market.lasted,
            self.numbers,
            self.rates,
            self.rate_bars,
            self.depository,
            self.conventions.risk_free_per_period,
        )

    def figures(self, totals: Int64Array, sums: FloatArray) -> Figures:
        """Of rows of totals and sums."""
        return figures_of(
            totals,
            sums,
            capital_paise=to_paise(self.terms.capital),
            pieces=int(self.market.lasted[-1]),
            conventions=self.conventions,
        )


def empty_rows(count: int) -> tuple[Int64Array, FloatArray]:
    """Totals and sums of so many runs, at zero."""
    totals = np.zeros((count, columns.OUTSIZED + 1), dtype=np.int64)
    return totals, np.zeros((count, columns.WORTH + 1), dtype=np.float64)


def run(market: Market, signals: Signals, terms: Terms, *, conventions: Conventions = CONVENTIONS) -> KernelResult:
    """Trade wanted sides (int8, one for each bar) on a market.

    Raises InvalidInput: `rates_missing` when charges begin after the first bar, `sizing_invalid`.
    """
    prepared = Prepared.of(market, terms, conventions)
    totals, sums = empty_rows(1)
    equity = np.empty(len(market), dtype=np.int64)
    daily = np.empty(market.days, dtype=np.int64)
    rows = prepared.trade(signals, equity=equity, daily=daily, totals=totals[0], sums=sums[0])
    return KernelResult(
        fills=Fills(*(np.ascontiguousarray(rows[:, column]) for column in range(columns.ORDER + 1))),
        equity=equity,
        daily=daily,
        figures=prepared.figures(totals, sums),
        refused=int(totals[0, columns.REFUSED]),
        stopped=Stopped(int(totals[0, columns.STOPPED])),
    )
