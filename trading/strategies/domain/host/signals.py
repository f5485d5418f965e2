"""Trading a `SignalStrategy` event by event: the wanted side after each bar, as the compiled kernel trades it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.indicators import registry
from trading.marketdata.domain.indicators.bars import Bars, FloatArray

from ..market import Bar
from ..strategy import SignalStrategy, Strategy
from .chart import Chart, History
from .needs import ENDLESS_MEMORY, MOST_WARM_UP, Declaration

_LEAST_HISTORY = 600
USUAL_SHARE = Decimal("0.95")
"""What an entry may take of equity: an order at the market is held at its protection price, some per cent away, and
with all of the equity it would be refused where nothing is borrowed."""


@dataclass(frozen=True, slots=True)
class Size:
    """What an entry is: `units`, or a `share` of equity in whole lots at the price and equity of the moment."""

    units: int = 0
    share: Decimal = USUAL_SHARE

    def quantity(self, *, equity: Decimal, price: Decimal, lot: int) -> int:
        """Units of an entry; nothing where the equity does not reach for a lot."""
        if self.units:
            return self.units
        if equity <= 0 or price <= 0:
            return 0
        lots = (equity * self.share / price / lot).to_integral_value(ROUND_FLOOR)
        return int(lots) * lot


def history_bars(warm_ups: Iterable[int | None]) -> int:
    """How many bars before the first that counts a strategy of signals is shown, by what its lines need each (None
    for a running total): as many in every world, so that all see the same values."""
    needs = (ENDLESS_MEMORY if each is None else each for each in warm_ups)
    return min(max(_LEAST_HISTORY, *needs, 0), MOST_WARM_UP)


class SignalFollower:
    """Holds the position on the wanted side: enters when it is not on it, and never resizes what it holds.

    What the last bar of a session asks for waits for the next opening, unless the position may not be carried. What
    is delivered cannot be held short: there the short side means flat, or the order that turns would be refused
    whole and the long position kept.
    """

    def __init__(self, strategy: Strategy, setup: Declaration, size: Size) -> None:
        self._strategy = cast(SignalStrategy, strategy)
        self._size = size
        self.symbol, self.interval = setup.symbols[0], setup.interval
        for name, parameters in self._strategy.lines().values():
            setup.indicator(name, **cast(dict[str, Any], parameters))
        setup.warm_up(history_bars(()))
        self.chart: Chart = setup.needs.charts[self.symbol, self.interval]
        self._laid_out: NDArray[np.int8] | None = None
        self.followed: int | None = None
        """The side that waits for the next opening."""

    def lay_out(self, history: History) -> None:
        """Know the signals over all bars that were laid out."""
        self._laid_out = self._signals(Bars.of(history.series, history.sessions))

    def on_bar(self, ctx: Any, bar: Bar) -> None:
        """Follow the signal of a bar that is over; a hook of the host's own."""
        if (bar.symbol, bar.interval) != (self.symbol, self.interval):
            return
        side = self._side()
        self.followed = None
        if ctx.is_over:
            self.followed = side if ctx.product is not Product.INTRADAY else None
            return
        self._follow(ctx, side)

    def on_session(self, ctx: Any) -> None:
        """At the opening: what the last bar of the session before has asked for."""
        side, self.followed = self.followed, None
        if side is not None:
            self._follow(ctx, side)

    def _follow(self, ctx: Any, side: int) -> None:
        if ctx.product.takes_delivery:
            side = max(side, 0)
        held = ctx.position(self.symbol).quantity
        if side == 0:
            if held:
                ctx.target(0, self.symbol)
            return
        price = ctx.last_price(self.symbol)
        if side * held > 0 or price is None or ctx.orders(self.symbol):
            return
        lot = ctx.contract(self.symbol).lot_size
        units = self._size.quantity(equity=ctx.equity, price=price, lot=lot)
        if units:
            ctx.target(side * units, self.symbol)

    def _side(self) -> int:
        if self._laid_out is not None and self.chart.place < len(self._laid_out):
            return int(self._laid_out[self.chart.place])
        bars = self.chart.last(max(_LEAST_HISTORY, self.chart.warm_up + 1))
        found = self._signals(_columns(bars, self.chart.sessions(len(bars))))
        return int(found[-1]) if len(found) else 0

    def _signals(self, bars: Bars) -> NDArray[np.int8]:
        lines: Mapping[str, Mapping[str, FloatArray]] = {
            own: registry.get(name).compute(bars, **parameters)
            for own, (name, parameters) in self._strategy.lines().items()
        }
        found = np.asarray(self._strategy.signals(bars, lines))
        if found.shape != (len(bars),) or not np.isin(found, (-1, 0, 1)).all():
            raise InvalidInput("Signals are -1, 0 or 1, one for each bar.", code="signals_invalid")
        return found.astype(np.int8)


def _columns(bars: Any, sessions: Any) -> Bars:
    columns = {name: np.array([getattr(bar, name) for bar in bars], dtype=np.float64) for name in _COLUMNS}
    against = np.full(len(bars), np.nan)
    return Bars(**columns, session=np.array(sessions, dtype=np.float64), against=against)


_COLUMNS = ("open", "high", "low", "close", "volume")
