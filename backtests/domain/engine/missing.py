"""What is missing of the prices of a span, for the reader of a result."""

from collections.abc import Iterator
from datetime import date

from core.clock import ist_day_span
from trading.marketdata.domain.bars import BarSeries, Interval

from .data import MarketData
from .floor import Hours, day_bars
from .spec import BacktestSpec


class Missing:
    """Counts, day by day, the days and bars that a run should have had and had not."""

    def __init__(self, base: Interval) -> None:
        self._base = base
        self._days: dict[str, list[date]] = {}
        self._bars: dict[str, tuple[int, int]] = {}

    def count(self, symbol: str, day: date, hours: Hours, bars: BarSeries) -> None:
        """A trading day's bars as they are known."""
        if not len(bars):
            self._days.setdefault(symbol, []).append(day)
            return
        missing, expected = self._bars.get(symbol, (0, 0))
        whole, known = hours.bars(self._base), int((bars.start < hours.closes).sum())
        self._bars[symbol] = missing + max(whole - known, 0), expected + whole

    def notes(self, days_in_span: int) -> Iterator[str]:
        """A sentence for each instrument that lacks something."""
        for symbol, days in self._days.items():
            first = f"first on {days[0]:%d %b %Y}"
            yield f"{symbol}: no prices on {len(days)} of {days_in_span} trading days, {first}."
        for symbol, (missing, expected) in self._bars.items():
            if missing:
                yield f"{symbol}: {missing} of {expected} {self._base} bars within sessions are missing."


def notes_on(spec: BacktestSpec, data: MarketData) -> list[str]:
    """What a reader should know of the prices of a run's declared instruments, without a run: searches say it once
    for all their combinations. Raises as the data do."""
    missing, days = Missing(spec.base), set[date]()
    symbols = list(dict.fromkeys(symbol for each in spec.strategies for symbol in each.symbols))
    since, until = (int(end.timestamp()) for end in (ist_day_span(spec.first)[0], ist_day_span(spec.last)[1]))
    for symbol in symbols:
        series = data.bars(symbol, spec.base, since, until)
        for session in data.sessions(symbol, spec.first, spec.last):
            hours = Hours.of(session, spec.base)
            if hours is None:
                continue
            days.add(session.day)
            bars, _, _ = day_bars(series, hours, spec.base, with_auction=True)
            missing.count(symbol, session.day, hours, bars)
    return [*missing.notes(len(days)), *data.notes(symbols)]
