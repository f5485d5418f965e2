"""What is noted while a run goes on, and the result that is made of it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import numpy as np

from core.money import to_paise
from trading.marketdata.domain.bars import Int64Array
from trading.portfolio.domain.position import unrealised_pnl_paise

from .account import Account
from .curve import equity_curve
from .floor import Floor
from .missing import Missing
from .result import BacktestResult, Closing, Ending, EventRow, FillRow, LogLine, OrderRow
from .spec import BacktestSpec


class Record:
    """The rows of a run, its prices for the curve, and what was missing of them."""

    def __init__(self, spec: BacktestSpec, floor: Floor) -> None:
        self._spec, self._floor = spec, floor
        self.fills: list[FillRow] = []
        self.events: list[EventRow] = []
        self.log: list[LogLine] = []
        self.bars = 0
        self._times: list[Int64Array] = []
        self._closes: dict[str, list[tuple[Int64Array, Int64Array]]] = {}
        self._missing = Missing(spec.base)

    def instants(self, on: date) -> None:
        """Note the ends of a day's base bars over all instruments: the instants of the equity curve."""
        days = [market.day for market in self._floor.markets.values() if market.day is not None]
        ends = [day.bars.start + day.seconds for day in days if day.on == on]
        self._times.append(np.unique(np.concatenate(ends)) if ends else np.empty(0, dtype=np.int64))

    def prices(self, symbol: str) -> None:
        """Note the closes of the day for the curve, and the day itself where there are none."""
        day = self._floor.markets[symbol].day
        if day is None or day.on not in self._floor.hours[symbol]:
            return
        self._missing.count(symbol, day.on, self._floor.hours[symbol][day.on], day.bars)
        if len(day.bars):
            self._closes.setdefault(symbol, []).append((day.bars.start + day.seconds, day.bars.close))

    def notes(self, days_in_span: int) -> Iterator[str]:
        """What was missing of the prices, for the reader of the result."""
        return self._missing.notes(days_in_span)

    def result(
        self,
        ending: Ending,
        reason: str,
        *,
        at: datetime,
        account: Account,
        orders: Sequence[OrderRow],
        notes: Sequence[str],
    ) -> BacktestResult:
        """The run as it stands; `at` is how far it came."""
        times = np.concatenate(self._times) if self._times else np.empty(0, dtype=np.int64)
        if ending is not Ending.FINISHED:
            times = times[times <= at.timestamp()]
        closes = {
            symbol: (np.concatenate([ends for ends, _ in days]), np.concatenate([price for _, price in days]))
            for symbol, days in self._closes.items()
        }
        capital = to_paise(self._spec.capital)
        equity, exposure = equity_curve(times, closes, account.moves, capital)
        return BacktestResult(
            ending=ending,
            reason=reason,
            stopped_at=None if ending is Ending.FINISHED else at,
            capital_paise=capital,
            times=times,
            equity=equity,
            exposure=exposure,
            fills=tuple(self.fills),
            orders=tuple(orders),
            events=tuple(self.events),
            open_positions=tuple(self._open_positions(account)),
            log=tuple(self.log),
            notes=tuple(notes),
            bars=self.bars,
        )

    def _open_positions(self, account: Account) -> Iterator[Closing]:
        for (symbol, product, strategy), state in account.open_positions():
            last = self._floor.markets[symbol].last_price() or state.average_price
            yield Closing(
                strategy=strategy,
                symbol=symbol,
                product=product,
                quantity=state.quantity,
                average_price=state.average_price,
                last_price=last,
                unrealised_paise=unrealised_pnl_paise(state.quantity, state.open_value_paise, last),
            )
