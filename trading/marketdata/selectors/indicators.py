"""Indicators over stored candles, with enough bars before the span that its first values are settled."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.cache import Cache
from core.clock import ist_day_start, now, trading_date
from trading.instruments.models import CorporateAction, Instrument
from trading.instruments.process_cache import REFERENCE
from trading.instruments.selectors import instrument_get

from ..domain.bars import PRICE_SCALE, BarSeries, Int64Array, Interval
from ..domain.indicators import Bars, Indicator
from ..domain.indicators.bars import FloatArray
from ..domain.indicators.live import MOST_OPEN, StoredBars
from ..domain.indicators.parameters import Value
from .candles import candles
from .hours import candle_end, session_opens

Kinds = Collection[CorporateAction.Kind]
"""Corporate actions that prices are adjusted for; none of them for prices as they were traded."""

MOST_WARM_UP = 20_000
"""Bars read before the span at the most: a slower recurrence is as settled as these make it."""
STORED_AFTER = 3.5
"""Seconds of market time after which a bar that is over is stored: the feed waits for late ticks, then writes."""
_SESSION_DAYS = 10
"""Calendar days that surely hold the session before: holidays come in clusters."""


@dataclass(frozen=True, slots=True)
class IndicatorSeries:
    """An indicator's outputs over bars that begin at `start` (Unix seconds)."""

    start: Int64Array
    outputs: dict[str, FloatArray]

    @property
    def values(self) -> int:
        """How many numbers it holds."""
        return len(self.start) * (1 + len(self.outputs))


_CLOSED_SECONDS = 10.0
"""Late ticks and backfills may still change a span that is over."""
_MOST_VALUES = 4_000_000
_Key = tuple[Hashable, ...]
_open: Cache[_Key, IndicatorSeries] = Cache(
    "marketdata.indicators", seconds=1.0, group=REFERENCE, most=_MOST_VALUES, weigh=lambda each: each.values
)
_closed: Cache[_Key, IndicatorSeries] = Cache(
    "marketdata.indicators_closed",
    seconds=_CLOSED_SECONDS,
    group=REFERENCE,
    most=_MOST_VALUES,
    weigh=lambda each: each.values,
)


def indicator_series(
    indicator: Indicator,
    parameters: Mapping[str, Value],
    instrument: Instrument,
    interval: Interval,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int,
    adjust_for: Kinds = (),
) -> IndicatorSeries:
    """The outputs over the candles that `selectors.candles` gives for the span, the forming one included.

    Bars before the span are read and computed, but not shown: as many as `Indicator.warm_up_bars` tells, or from
    the beginning of the anchor's period (the one before, for pivots). All who ask for the same within a second
    (`_CLOSED_SECONDS` for a span that is over) get one computation: treat it as read-only.

    Raises:
        NotFound: `unknown_symbol` for the instrument that is compared with.
    """
    settings = tuple(parameters.items())
    key = (instrument.pk, interval, indicator.name, settings, start, end, limit, frozenset(adjust_for))
    cache = _closed if end is not None and end <= now() else _open
    return cache.get(
        key, lambda: _series(indicator, parameters, instrument, interval, start, end, limit, adjust_for)
    )


def _series(
    indicator: Indicator,
    parameters: Mapping[str, Value],
    instrument: Instrument,
    interval: Interval,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    adjust_for: Kinds,
) -> IndicatorSeries:
    shown = _since(_candles(instrument, interval, adjust_for, start=start, end=end, limit=limit), start)
    if not len(shown):
        return IndicatorSeries(shown.start, {output.name: np.empty(0) for output in indicator.outputs})
    series = _with_warm_up(indicator, parameters, instrument, interval, shown, adjust_for)
    bars = Bars.of(
        series,
        session_opens(instrument, series.start) if "session" in indicator.inputs else np.zeros_like(series.start),
        _closes_of(indicator.compared_with(parameters), interval, series, adjust_for),
    )
    outputs = indicator.compute(bars, **parameters)
    hidden = len(series) - len(shown)
    return IndicatorSeries(shown.start, {name: line[hidden:] for name, line in outputs.items()})


def indicator_history(
    indicator: Indicator, parameters: Mapping[str, Value], instrument: Instrument, interval: Interval
) -> StoredBars:
    """All that a running computation has to see before it can follow the market from now on."""
    shown = candles(instrument, interval, limit=MOST_OPEN)
    series = _with_warm_up(indicator, parameters, instrument, interval, shown) if len(shown) else shown
    return _stored(instrument, interval, series, indicator.compared_with(parameters))


def bars_after(instrument: Instrument, interval: Interval, against: str | None, after: int) -> StoredBars:
    """The bars that begin after an instant (Unix seconds), some time ago at the most."""
    since = datetime.fromtimestamp(after + 1, UTC)
    series = _since(candles(instrument, interval, start=since, limit=MOST_WARM_UP), since)
    return _stored(instrument, interval, series, against)


def _stored(instrument: Instrument, interval: Interval, series: BarSeries, against: str | None) -> StoredBars:
    moment = now().timestamp()
    ends = [float(candle_end(instrument, interval, start)) for start in series.start[-MOST_OPEN:].tolist()]
    still_open = sum(end + STORED_AFTER > moment for end in ends)
    return StoredBars(
        start=series.start,
        bars=Bars.of(series, session_opens(instrument, series.start), _closes_of(against, interval, series)),
        closed=len(series) - still_open,
        ends=tuple(ends),
    )


def _with_warm_up(
    indicator: Indicator,
    parameters: Mapping[str, Value],
    instrument: Instrument,
    interval: Interval,
    shown: BarSeries,
    adjust_for: Kinds = (),
) -> BarSeries:
    until = datetime.fromtimestamp(int(shown.start[0]), UTC)
    since, count = None, min(indicator.warm_up_bars(parameters) or 0, MOST_WARM_UP)
    if indicator.anchored is not None:
        since = _anchor_start(trading_date(until), str(parameters["anchor"]), indicator.anchored)
        count = MOST_WARM_UP
    if not count:
        return shown
    before = _candles(instrument, interval, adjust_for, start=since, end=until, limit=count)
    return BarSeries.from_columns(np.vstack((before.columns(), shown.columns())))


def _anchor_start(day: date, anchor: str, periods: int) -> datetime:
    """Midnight in India at the beginning of a day's session, week or month, or so many periods earlier."""
    match anchor:
        case "session":
            return ist_day_start(day - timedelta(days=_SESSION_DAYS * periods))
        case "week":
            return ist_day_start(day - timedelta(days=day.weekday() + 7 * periods))
    months = day.year * 12 + day.month - 1 - periods
    return ist_day_start(date(months // 12, months % 12 + 1, 1))


def _candles(
    instrument: Instrument,
    interval: Interval,
    adjust_for: Kinds,
    *,
    start: datetime | None,
    end: datetime | None,
    limit: int,
) -> BarSeries:
    return candles(
        instrument, interval, start=start, end=end, limit=limit, adjusted=bool(adjust_for), adjust_for=adjust_for
    )


def _closes_of(
    symbol: str | None, interval: Interval, series: BarSeries, adjust_for: Kinds = ()
) -> FloatArray | None:
    """The closes of another instrument, bar by bar; NaN where it has none."""
    if symbol is None or not len(series):
        return None
    other = instrument_get(symbol)
    first, last = (datetime.fromtimestamp(int(series.start[place]), UTC) for place in (0, -1))
    until = last + timedelta(seconds=interval.seconds)
    theirs = _candles(other, interval, adjust_for, start=first, end=until, limit=2 * len(series))
    closes = np.full(len(series), np.nan)
    _, ours, of_theirs = np.intersect1d(series.start, theirs.start, assume_unique=True, return_indices=True)
    closes[ours] = theirs.close[of_theirs] / PRICE_SCALE
    return closes


def _since(series: BarSeries, start: datetime | None) -> BarSeries:
    """Without the bars before `start`, which a longer interval brings along to make its first bar whole."""
    return series if start is None else series.tail(int((series.start >= start.timestamp()).sum()))
