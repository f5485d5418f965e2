"""Indicators over stored candles, with enough bars before the span that its first values are settled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.clock import ist_day_start, trading_date
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get

from ..domain.bars import PRICE_SCALE, BarSeries, Int64Array, Interval
from ..domain.indicators import Bars, Indicator
from ..domain.indicators.bars import FloatArray
from ..domain.indicators.parameters import Kind, Value
from .candles import candles
from .hours import session_opens

MOST_WARM_UP = 20_000
"""Bars read before the span at the most: a slower recurrence is as settled as these make it."""
_SESSION_DAYS = 10
"""Calendar days that surely hold the session before: holidays come in clusters."""


@dataclass(frozen=True, slots=True)
class IndicatorSeries:
    """An indicator's outputs over bars that begin at `start` (Unix seconds)."""

    start: Int64Array
    outputs: dict[str, FloatArray]


def indicator_series(
    indicator: Indicator,
    parameters: Mapping[str, Value],
    instrument: Instrument,
    interval: Interval,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int,
) -> IndicatorSeries:
    """The outputs over the candles that `selectors.candles` gives for the span, the forming one included.

    Bars before the span are read and computed, but not shown: as many as `Indicator.warm_up_bars` tells, or from
    the beginning of the anchor's period (the one before, for pivots).

    Raises:
        NotFound: `unknown_symbol` for the instrument that is compared with.
    """
    shown = _since(candles(instrument, interval, start=start, end=end, limit=limit), start)
    if not len(shown):
        return IndicatorSeries(shown.start, {output.name: np.empty(0) for output in indicator.outputs})
    series = _join(_before(indicator, parameters, instrument, interval, int(shown.start[0])), shown)
    outputs = indicator.compute(_bars(indicator, parameters, instrument, interval, series), **parameters)
    hidden = len(series) - len(shown)
    return IndicatorSeries(shown.start, {name: line[hidden:] for name, line in outputs.items()})


def _before(
    indicator: Indicator, parameters: Mapping[str, Value], instrument: Instrument, interval: Interval, first: int
) -> BarSeries:
    until = datetime.fromtimestamp(first, UTC)
    if indicator.anchored is not None:
        since = _anchor_start(trading_date(until), str(parameters["anchor"]), indicator.anchored)
        return candles(instrument, interval, start=since, end=until, limit=MOST_WARM_UP)
    count = min(indicator.warm_up_bars(parameters) or 0, MOST_WARM_UP)
    return candles(instrument, interval, end=until, limit=count) if count else BarSeries.empty()


def _anchor_start(day: date, anchor: str, periods: int) -> datetime:
    """Midnight in India at the beginning of a day's session, week or month, or so many periods earlier."""
    match anchor:
        case "session":
            return ist_day_start(day - timedelta(days=_SESSION_DAYS * periods))
        case "week":
            return ist_day_start(day - timedelta(days=day.weekday() + 7 * periods))
    months = day.year * 12 + day.month - 1 - periods
    return ist_day_start(date(months // 12, months % 12 + 1, 1))


def _bars(
    indicator: Indicator,
    parameters: Mapping[str, Value],
    instrument: Instrument,
    interval: Interval,
    series: BarSeries,
) -> Bars:
    needs_session = "session" in indicator.inputs
    session = session_opens(instrument, series.start) if needs_session else np.zeros(len(series), dtype=np.int64)
    return Bars.of(series, session, _against(indicator, parameters, interval, series))


def _against(
    indicator: Indicator, parameters: Mapping[str, Value], interval: Interval, series: BarSeries
) -> FloatArray | None:
    """The closes of the instrument that is compared with, bar by bar; NaN where it has none."""
    named = next((each.name for each in indicator.parameters if each.kind is Kind.SYMBOL), None)
    if named is None:
        return None
    other = instrument_get(str(parameters[named]))
    first, last = (datetime.fromtimestamp(int(series.start[end]), UTC) for end in (0, -1))
    theirs = candles(
        other, interval, start=first, end=last + timedelta(seconds=interval.seconds), limit=2 * len(series)
    )
    closes = np.full(len(series), np.nan)
    _, ours, of_theirs = np.intersect1d(series.start, theirs.start, assume_unique=True, return_indices=True)
    closes[ours] = theirs.close[of_theirs] / PRICE_SCALE
    return closes


def _since(series: BarSeries, start: datetime | None) -> BarSeries:
    """Without the bars before `start`, which a longer interval brings along to make its first bar whole."""
    return series if start is None else series.tail(int((series.start >= start.timestamp()).sum()))


def _join(first: BarSeries, second: BarSeries) -> BarSeries:
    return BarSeries.from_columns(np.vstack((first.columns(), second.columns()))) if len(first) else second
