"""The bars that strategies see: warm-up and span, of every timeframe, as they were known on the day.

Prices of the past are told in the shares of the present day: bars before a split or a bonus are adjusted from its
ex-date on, and not a day earlier. So on every day the latest bars are the prices that orders trade at, and nothing
of the future shows in the past. Dividends change no prices.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from core.errors import SaudaError
from trading.marketdata.domain.adjustment import PriceEvent, adjust, shares_event
from trading.marketdata.domain.bars import DAY, IST_OFFSET, BarSeries, Int64Array, Interval, derive, ist_days
from trading.strategies.domain.host import History, Needs

from .data import CorporateAction, MarketData
from .floor import Floor, Hours, day_bars
from .spec import BacktestSpec

_EPOCH = date(1970, 1, 1)
_SESSION_SECONDS = 22_500
_FIRST_OPEN = 9 * 3600 + 15 * 60


@dataclass(frozen=True, slots=True)
class Laid:
    """A chart's raw bars: `history` over warm-up and span, of which `before` bars lie before the span."""

    history: History
    before: int


class ChartRoom:
    """Makes histories once for all strategies that want them."""

    def __init__(self, spec: BacktestSpec, data: MarketData, floor: Floor) -> None:
        self._spec, self._data, self._floor = spec, data, floor
        self._laid: dict[tuple[str, Interval], Laid] = {}
        self._base: dict[str, tuple[BarSeries, Int64Array]] = {}
        self._events: dict[str, list[PriceEvent]] = {}
        self.notes: list[str] = []

    def reach(self, needs: Needs) -> date:
        """How far back a strategy's warm-up may reach."""
        days = [calendar_days(interval, needs.warm_up((symbol, interval))) for symbol, interval in needs.charts]
        return self._spec.first - timedelta(days=max(days, default=0))

    def laid(self, symbol: str, interval: Interval, warm_up: int) -> Laid:
        """Bars as traded, at least `warm_up` of them before the span where the data reach back so far."""
        key = symbol, interval
        known = self._laid.get(key)
        if known is None or known.before < warm_up:
            known = self._make(symbol, interval, warm_up)
            self._laid[key] = known
        return known

    def as_of(self, symbol: str, laid: Laid, day: date) -> History:
        """The history in the shares of a day."""
        events = [each for each in self._splits(symbol) if each.day <= (day - _EPOCH).days]
        if not events:
            return laid.history
        series = adjust(laid.history.series, events)
        return History(series, laid.history.ends, laid.history.sessions)

    def changes_on(self, symbol: str, day: date) -> bool:
        """Whether the shares of the past are counted anew from a day on."""
        return any(each.day == (day - _EPOCH).days for each in self._splits(symbol))

    def actions(self, symbol: str) -> list[CorporateAction]:
        """What happens to the shares in the span."""
        return list(self._data.actions(symbol, self._spec.first, self._spec.last))

    def _splits(self, symbol: str) -> list[PriceEvent]:
        if symbol not in self._events:
            found = self._data.actions(symbol, self._spec.first - timedelta(days=3650), self._spec.last)
            self._events[symbol] = [
                shares_event(
                    self._takes_effect(symbol, each.ex_date),
                    held=each.ratio.denominator,
                    after=each.ratio.numerator,
                )
                for each in found
                if each.ratio is not None
            ]
        return self._events[symbol]

    def _takes_effect(self, symbol: str, ex_date: date) -> int:
        """The first session from an ex-date on, in days since 1970: positions are adjusted on it too."""
        days = sorted(self._floor.hours.get(symbol, ()))
        place = bisect_left(days, ex_date)
        on = days[place] if 0 < place < len(days) else ex_date
        return (on - _EPOCH).days

    def _make(self, symbol: str, interval: Interval, warm_up: int) -> Laid:
        before = self._before(symbol, interval, warm_up)
        base, opens = self._span(symbol)
        series = derive(base, interval, opens) if interval is not self._spec.base else base
        if interval in (Interval.D1, Interval.W1) and self._spec.base is Interval.D1:
            series = self._from_days(base, interval)
        joined = BarSeries.from_columns(np.concatenate((before.columns(), series.columns())))
        hours = self._floor.hours[symbol]
        return Laid(_history(joined, interval, hours), len(before))

    def _from_days(self, base: BarSeries, interval: Interval) -> BarSeries:
        """Days were laid over their sessions; as bars they begin at midnight."""
        midnights = ist_days(base.start) * DAY - IST_OFFSET
        days = BarSeries(midnights, base.open, base.high, base.low, base.close, base.volume, base.oi)
        return days if interval is Interval.D1 else derive(days, interval, midnights)

    def _span(self, symbol: str) -> tuple[BarSeries, Int64Array]:
        """All base bars of the span within trading hours, and the open of each one's session."""
        if symbol not in self._base:
            series = self._floor.bars(symbol)
            hours = self._floor.hours[symbol]
            days = [hours[day] for day in sorted(hours) if self._spec.first <= day <= self._spec.last]
            parts = [day_bars(series, each, self._spec.base) for each in days]
            if parts:
                joined = BarSeries.from_columns(np.concatenate([bars.columns() for bars, _, _ in parts]))
                self._base[symbol] = joined, np.concatenate([opens for _, _, opens in parts])
            else:
                self._base[symbol] = BarSeries.empty(), np.empty(0, dtype=np.int64)
        return self._base[symbol]

    def _before(self, symbol: str, interval: Interval, warm_up: int) -> BarSeries:
        if not warm_up:
            return BarSeries.empty()
        until = _midnight(self._spec.first)
        since = _midnight(self._spec.first - timedelta(days=calendar_days(interval, warm_up)))
        try:
            found = self._data.bars(symbol, interval, since, until)
        except SaudaError as error:
            self.notes.append(f"{symbol} {interval}: no bars before the span could be read ({error}).")
            found = BarSeries.empty()
        if len(found) < warm_up:
            self.notes.append(
                f"{symbol} {interval}: {len(found)} of {warm_up} bars before the span are known; lines that are "
                "not warm yet begin later."
            )
        return found.tail(warm_up)


def calendar_days(interval: Interval, bars: int) -> int:
    """Calendar days that surely hold so many bars."""
    if interval is Interval.W1:
        return bars * 7 + 14
    a_day = 1 if interval is Interval.D1 else max(_SESSION_SECONDS // interval.seconds, 1)
    return -(-bars // a_day) * 7 // 5 + 15


def _midnight(day: date) -> int:
    return (day - _EPOCH).days * DAY - IST_OFFSET


def _history(series: BarSeries, interval: Interval, hours: dict[date, Hours]) -> History:
    """With the instant at which each bar is over, and the open of its session.

    A bar ends with its session at the latest; a week's with the week's last one.
    """
    days = ist_days(series.start)
    known = {(day - _EPOCH).days: each for day, each in hours.items()}
    if interval is Interval.W1:
        return History(series, _week_ends(series.start, days, known), series.start.copy())
    sessions = np.empty(len(series), dtype=np.int64)
    ends = np.empty(len(series), dtype=np.int64)
    edges = np.flatnonzero(np.r_[True, days[1:] != days[:-1], True]) if len(days) else np.array([0])
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        number = int(days[first])
        midnight = number * DAY - IST_OFFSET
        opened = midnight + _FIRST_OPEN
        found = known.get(number) or Hours(
            opened, opened + _SESSION_SECONDS, ((opened, opened + _SESSION_SECONDS),)
        )
        starts = series.start[first:end]
        if interval is Interval.D1:
            sessions[first:end], ends[first:end] = found.opens, found.closes
            continue
        opens = np.array([window[0] for window in found.windows])
        closes = np.array([window[1] for window in found.windows])
        place = np.clip(np.searchsorted(opens, starts, side="right") - 1, 0, None)
        sessions[first:end] = opens[place]
        ends[first:end] = np.minimum(starts + interval.seconds, np.maximum(closes[place], starts + 1))
    return History(series, ends, sessions)


def _week_ends(starts: Int64Array, days: Int64Array, hours: dict[int, Hours]) -> Int64Array:
    """The close of each week's last session; of an unknown week the beginning of its Saturday."""
    last = {(number + 3) // 7: each.closes for number, each in sorted(hours.items())}
    weeks = ((days + 3) // 7).tolist()
    ends = [last.get(week, start + 5 * DAY) for week, start in zip(weeks, starts.tolist(), strict=True)]
    return np.array(ends, dtype=np.int64)
