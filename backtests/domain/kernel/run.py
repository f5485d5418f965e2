"""One run: its fills, its equity, its figures."""

from dataclasses import dataclass

import numpy as np

from analytics.domain.conventions import Conventions
from core.money import to_paise
from trading.marketdata.domain.bars import Int64Array

from . import columns, loop
from .columns import FloatArray, Signals
from .depository import NO_DEPOSITORY
from .figures import Figures, figures_of
from .market import Market
from .terms import Stopped, Terms

CONVENTIONS = Conventions()


@dataclass(frozen=True, slots=True)
class Fills:
    """Columns of one length in order of time: the bar, signed units, ten-thousandths, paise, `Reason`."""

    bar: Int64Array
    quantity: Int64Array
    price: Int64Array
    charges: Int64Array
    reason: Int64Array

    def __len__(self) -> int:
        return len(self.bar)


@dataclass(frozen=True, slots=True)
class Trades:
    """Finished round trips, columns of one length: positions of bars, signed units, ten-thousandths, paise.

    `net` is in ten-thousandths of a rupee, after the charges of both ends; `reason` is why it was closed.
    """

    entry_bar: Int64Array
    exit_bar: Int64Array
    quantity: Int64Array
    entry_price: Int64Array
    exit_price: Int64Array
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
        """The fills in pairs: every fill that finds a position closes it, and what is left opens the next."""
        fills = self.fills
        held = np.cumsum(fills.quantity)
        before = np.r_[0, held[:-1]]
        closing = np.flatnonzero(before != 0)
        opened = closing - 1
        units = before[closing]
        share = fills.charges * np.abs(before) // np.maximum(np.abs(fills.quantity), 1)
        charges = (fills.charges - share)[opened] + share[closing]
        return Trades(
            entry_bar=fills.bar[opened],
            exit_bar=fills.bar[closing],
            quantity=units,
            entry_price=fills.price[opened],
            exit_price=fills.price[closing],
            charges=charges,
            net=(fills.price[closing] - fills.price[opened]) * units - charges * 100,
            reason=fills.reason[closing],
        )


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
        prices, marks, lasted = self.market.prices, self.market.marks, self.market.lasted
        terms = (self.numbers, self.rates, self.rate_bars, self.depository, self.conventions.risk_free_per_period)
        return loop.trade(*prices, signals, marks, lasted, *terms, True, equity, daily, totals, sums)

    def trade_each(self, signals: Signals, *, daily: Int64Array, totals: Int64Array, sums: FloatArray) -> None:
        """`loop.trade_each` over this market; the interpreter's lock is let go meanwhile."""
        prices, marks, lasted = self.market.prices, self.market.marks, self.market.lasted
        terms = (self.numbers, self.rates, self.rate_bars, self.depository, self.conventions.risk_free_per_period)
        loop.trade_each(*prices, signals, marks, lasted, *terms, daily, totals, sums)

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
    totals = np.zeros((count, columns.STOPPED + 1), dtype=np.int64)
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
        fills=Fills(*(np.ascontiguousarray(rows[:, column]) for column in range(columns.REASON + 1))),
        equity=equity,
        daily=daily,
        figures=prepared.figures(totals, sums),
        refused=int(totals[0, columns.REFUSED]),
        stopped=Stopped(int(totals[0, columns.STOPPED])),
    )
