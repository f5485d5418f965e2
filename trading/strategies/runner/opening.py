"""Bringing a host up to the present: the bars before the first that counts, names for what it will want."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.selectors import candles
from trading.strategies.domain.context import Context
from trading.strategies.domain.host import ChartKey, History, StrategyHost
from trading.strategies.domain.market import Fill, OrderView
from trading.strategies.domain.runs.wanted import WantedKeys
from trading.strategies.domain.strategy import Strategy

from .hours import history_of

# A daily bar is still acted on at the next opening, over a long weekend too.
_LATEST_DAILY = timedelta(days=6)
# The bar that is forming, and one that is over and not yet stored.
_BESIDES = 2


def told_through(intervals: set[Interval], bars_through: int, now: datetime) -> dict[Interval, int]:
    """Up to when (Unix seconds) bars count as told: a first start has none to tell, a restart the latest only.

    A bar that ended longer ago than it lasted is history: acting on it now would be acting on yesterday's paper.
    """
    moment = int(now.timestamp())
    if not bars_through:
        return dict.fromkeys(intervals, moment)
    return {each: max(bars_through, moment - _patience(each)) for each in intervals}


def _patience(interval: Interval) -> int:
    is_daily = interval.seconds >= Interval.D1.seconds
    return int(_LATEST_DAILY.total_seconds()) if is_daily else interval.seconds


def warm_up(host: StrategyHost, charts: Mapping[ChartKey, Instrument], through: Mapping[Interval, int]) -> None:
    """Give every chart its bars that are over and need not be told."""
    series = {
        key: candles(instrument, key[1], limit=host.needs.warm_up(key) + _BESIDES)
        for key, instrument in charts.items()
    }
    for (symbol, interval), instrument in charts.items():
        history = history_of(instrument, interval, series[symbol, interval])
        closed = int((history.ends <= through[interval]).sum())
        others = {
            each: series[each, interval]
            for each in host.chart(symbol, interval).compared_with
            if (each, interval) in series
        }
        host.lay_out(symbol, interval, _first(history, closed), others=others)


def _first(history: History, count: int) -> History:
    columns = history.series.columns()[:count]
    return History(BarSeries.from_columns(columns), history.ends[:count], history.sessions[:count])


def name_causes(strategy: Strategy, keys: WantedKeys, fill_ids: Mapping[int, UUID]) -> None:
    """Have what a trade or an ended order makes the strategy want named after that, not after the event in whose
    midst it was told: after a crash it is told by itself. `fill_ids` are rows' ids by `id()` of the told trade."""
    if type(strategy).on_fill is not Strategy.on_fill:
        strategy.on_fill = _within(  # type: ignore[method-assign, assignment]
            strategy.on_fill, keys, lambda fill: f"fill {fill_ids[id(fill)]}"
        )
    if type(strategy).on_order is not Strategy.on_order:
        strategy.on_order = _within(  # type: ignore[method-assign, assignment]
            strategy.on_order, keys, lambda order: f"order {order.id} {order.status}"
        )


def _within(
    hook: Callable[[Context, Any], None], keys: WantedKeys, cause: Callable[[Any], str]
) -> Callable[[Context, Fill | OrderView], None]:
    @wraps(hook)
    def told(ctx: Context, about: Fill | OrderView) -> None:
        with keys.within(cause(about)):
            hook(ctx, about)

    return told
