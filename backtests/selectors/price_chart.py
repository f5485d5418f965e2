"""Bars of a span with a run's fills on them, for a chart."""

from datetime import timedelta
from typing import Any

import numpy as np

from backtests.models import Run, RunSeries
from core.clock import ist_day_start
from core.errors import NotFound
from trading.instruments.domain.keys import Contract, Exchange
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import IST_OFFSET, PRICE_SCALE, Interval
from trading.marketdata.selectors import candles

from .results import series_get

MOST_BARS = 6_000
MOST_MARKS = 3_000
_LONGER = (Interval.M5, Interval.M15, Interval.H1, Interval.D1)
_SESSION_MINUTES = 375


def price_chart(run: Run, symbol: str) -> dict[str, Any]:
    """`{symbol, interval, bars: [[time, open, high, low, close]], marks: [{time, side, quantity, price, tag,
    name}]}`.

    A contract's fills are marked on its underlying, `name` tells its month, strike and right there. Times are Unix
    seconds shifted to India's clock, as the chart library shows them. The run's own timeframe unless that would be
    more than MOST_BARS bars. Raises NotFound (`unknown_symbol`) for a symbol that the run has not.
    """
    strategy = next((each for each in run.strategies.all() if symbol in each.symbols), None)
    fills = series_get(run, RunSeries.Name.FILLS)
    names = _names(fills, symbol)
    mine = np.isin(fills["symbol"], list(names)) if fills else np.zeros(0, dtype=bool)
    if strategy is None and not mine.any():
        raise NotFound("The run has no such instrument.", code="unknown_symbol")
    interval = _interval(run, Interval(strategy.interval) if strategy else Interval.M5)
    series = candles(
        instrument_get(symbol),
        interval,
        start=ist_day_start(run.first),
        end=ist_day_start(run.last + timedelta(days=1)),
        limit=MOST_BARS,
    )
    prices = np.column_stack((series.open, series.high, series.low, series.close)) / PRICE_SCALE
    bars = np.column_stack((series.start + IST_OFFSET, prices)).tolist()
    return {"symbol": symbol, "interval": interval, "bars": bars, "marks": _marks(fills, mine, names, series.start)}


def _names(fills: dict[str, Any], symbol: str) -> dict[str, str]:
    """The traded keys that are marked on an instrument's chart, with what each is called there."""
    found = {symbol: ""}
    for key in np.unique(fills["symbol"]).tolist() if fills else ():
        exchange, _, text = str(key).partition(":")
        if exchange in (Exchange.NFO, Exchange.BFO):
            underlying = Contract.parse(text).underlying
            if underlying == symbol.rpartition(":")[2]:
                found[key] = text.removeprefix(underlying)
    return found


def _marks(fills: dict[str, Any], mine: Any, names: dict[str, str], starts: Any) -> list[dict[str, Any]]:
    """Each fill on the bar that it fell into."""
    if not len(starts) or not mine.any():
        return []
    found = []
    for place in np.flatnonzero(mine)[-MOST_MARKS:].tolist():
        bar = int(np.searchsorted(starts, fills["at"][place], side="right")) - 1
        if bar >= 0:
            found.append(
                {
                    "time": int(starts[bar]) + IST_OFFSET,
                    "side": str(fills["side"][place]),
                    "quantity": int(fills["quantity"][place]),
                    "price": int(fills["price"][place]) / PRICE_SCALE,
                    "tag": str(fills["tag"][place]),
                    "name": names[str(fills["symbol"][place])],
                }
            )
    return found


def _interval(run: Run, own: Interval) -> Interval:
    sessions = (run.last - run.first).days * 5 / 7 + 1
    for each in (own, *(longer for longer in _LONGER if longer.seconds > own.seconds)):
        if each in (Interval.D1, Interval.W1) or sessions * _SESSION_MINUTES * 60 / each.seconds <= MOST_BARS:
            return each
    return Interval.D1
