"""The volatility at the money at each bar, by the model's rule, from what was known before the bar began."""

from datetime import date, timedelta

import numpy as np

from backtests.domain.engine.data import MarketData
from trading.marketdata.domain.bars import DAY, IST_OFFSET, PRICE_SCALE, BarSeries, Interval, ist_days
from trading.marketdata.domain.options.kernel import FloatArray

from .model import OptionModel, VolatilityBy, realised

_EPOCH = date(1970, 1, 1)


class Levels:
    """Keeps what it has computed; one underlying's daily closes are read once a day asked for."""

    def __init__(self, data: MarketData, model: OptionModel) -> None:
        self._data, self._model = data, model
        self._by_day: dict[tuple[str, int], float] = {}
        self.unknown: set[date] = set()
        """Days on which the rule knew nothing and the model's own volatility stood in."""

    def at(self, underlying: str, bars: BarSeries) -> FloatArray:
        """Of an underlying (its key) at the beginning of each of its bars."""
        if self._model.by is VolatilityBy.INDEX:
            found = self._by_index(bars)
        elif self._model.by is VolatilityBy.REALISED:
            days = ist_days(bars.start)
            known = {int(day): self._realised(underlying, int(day)) for day in np.unique(days)}
            found = np.array([known[int(day)] for day in days])
        else:
            return np.full(len(bars), self._model.volatility)
        missing = np.isnan(found)
        if missing.any():
            self.unknown |= {_EPOCH + timedelta(days=int(day)) for day in np.unique(ist_days(bars.start)[missing])}
        return np.where(missing, self._model.volatility, found)

    def closes_before(self, underlying: str, day: int, sessions: int) -> FloatArray:
        """Daily closes in rupees of the last sessions before a day (days since 1970), ascending."""
        until = day * DAY - IST_OFFSET
        since = until - (sessions * 2 + 10) * DAY
        bars = self._data.bars(underlying, Interval.D1, since, until)
        if not len(bars):
            minutes = self._data.bars(underlying, Interval.M1, since, until)
            days = ist_days(minutes.start)
            last = (
                np.flatnonzero(np.r_[days[1:] != days[:-1], True]) if len(minutes) else np.empty(0, dtype=np.int64)
            )
            return minutes.close[last][-sessions:] / PRICE_SCALE
        return bars.close[-sessions:] / PRICE_SCALE

    def _realised(self, underlying: str, day: int) -> float:
        key = (underlying, day)
        if key not in self._by_day:
            closes = self.closes_before(underlying, day, self._model.sessions + 1)
            self._by_day[key] = realised(closes, self._model.sessions) * self._model.markup
        return self._by_day[key]

    def _by_index(self, bars: BarSeries) -> FloatArray:
        """The index's last close before each bar, of its minutes or else its days; none older than a week."""
        if not len(bars):
            return np.empty(0)
        found = np.full(len(bars), np.nan)
        since, until = int(bars.start[0]) - 7 * DAY, int(bars.start[-1]) + 1
        for interval in (Interval.D1, Interval.M1):
            index = self._data.bars(self._model.index, interval, since, until)
            ends = index.start + interval.seconds
            place = np.searchsorted(ends, bars.start, side="right") - 1
            known = place >= 0
            found[known] = index.close[place[known]] / PRICE_SCALE / 100
        return found
