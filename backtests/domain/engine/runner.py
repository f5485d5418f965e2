"""One strategy of a run: its host, and the bars that its charts are laid out with."""

from dataclasses import dataclass, field
from datetime import date

from trading.marketdata.domain.bars import Interval
from trading.strategies.domain.host import StrategyHost

from .charts import ChartRoom, Laid
from .spec import StrategySpec


@dataclass(slots=True, eq=False)
class Runner:
    """`laid` is filled by `lay_out`."""

    spec: StrategySpec
    host: StrategyHost
    laid: dict[tuple[str, Interval], Laid] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    """The last snapshot of each instrument that its `on_tick` was told of."""
    has_ended: bool = False
    """Whether `on_session_end` was called today."""

    def lay_out(self, room: ChartRoom, day: date) -> None:
        """Before the first day: give the charts their bars over the whole span, in the shares of that day."""
        for key in self.host.needs.charts:
            self.laid[key] = room.laid(*key, self.host.needs.warm_up(key))
        for (symbol, interval), laid in self.laid.items():
            self._lay_out(room, symbol, interval, day, laid.before)

    def lay_out_anew(self, room: ChartRoom, day: date) -> None:
        """Tell the past in the shares of a day on which a company counts them anew."""
        for symbol, interval in self.laid:
            if room.changes_on(symbol, day):
                self._lay_out(room, symbol, interval, day, self.host.chart(symbol, interval).place + 1)

    def _lay_out(self, room: ChartRoom, symbol: str, interval: Interval, day: date, closed: int) -> None:
        others = {
            other: room.as_of(other, self.laid[other, interval], day).series
            for other in self.host.chart(symbol, interval).compared_with
        }
        history = room.as_of(symbol, self.laid[symbol, interval], day)
        self.host.lay_out(symbol, interval, history, closed, others)
