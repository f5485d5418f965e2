"""What a strategy declares in `setup`, collected before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import InvalidInput, NotFound
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.indicators import registry
from trading.marketdata.domain.indicators.definition import Indicator
from trading.marketdata.domain.indicators.parameters import Value

from .chart import Chart, FedLine

ENDLESS_MEMORY = 500
"""Bars that are read before a recurrence which never forgets its beginning."""
MOST_WARM_UP = 20_000
MOST_LINES = 200
"""Of indicators, over all charts of a strategy: each is computed over every bar."""
ChartKey = tuple[str, Interval]


@dataclass(frozen=True, slots=True)
class LineWish:
    """An indicator on a chart, and which of its outputs."""

    indicator: Indicator
    parameters: Mapping[str, Value]
    output: str

    @property
    def against(self) -> str | None:
        """The key of another instrument whose closes it reads too."""
        return self.indicator.compared_with(self.parameters)


@dataclass(slots=True)
class Needs:
    """Which instruments, timeframes and ticks; `charts` in the order of declaration."""

    symbols: list[str]
    charts: dict[ChartKey, Chart] = field(default_factory=dict)
    told: list[ChartKey] = field(default_factory=list)
    """Charts whose bars `on_bar` is called for; the others are there for lines only."""
    ticks: bool = False

    def warm_up(self, key: ChartKey) -> int:
        """Bars that a chart must have before the first that counts."""
        return min(self.charts[key].warm_up, MOST_WARM_UP)


class Declaration:
    """The `Setup` of all worlds. Everything is checked at once, so that a mistake shows before the first bar."""

    def __init__(self, symbols: tuple[str, ...], interval: Interval) -> None:
        if not symbols:
            raise InvalidInput("A strategy needs an instrument to run on.", code="symbols_unfit")
        self.symbols = symbols
        self.interval = interval
        self.needs = Needs(list(dict.fromkeys(symbols)))
        for symbol in self.needs.symbols:
            self._tell((symbol, interval))

    def timeframe(self, interval: Interval, symbol: str | None = None) -> None:
        for each in [symbol] if symbol is not None else self.needs.symbols:
            self._have(each)
            self._tell((each, interval))

    def instrument(self, symbol: str) -> None:
        self._have(symbol)
        self._tell((symbol, self.interval))

    def indicator(
        self,
        name: str,
        *,
        symbol: str | None = None,
        interval: Interval | None = None,
        output: str | None = None,
        **parameters: Any,
    ) -> FedLine:
        indicator = registry.get(name)
        values = indicator.read(parameters)
        names = [each.name for each in indicator.outputs]
        if output is not None and output not in names:
            raise NotFound(f"{name} has no output {output[:50]}: {', '.join(names)}.", code="unknown_output")
        wish = LineWish(indicator, values, output or names[0])
        symbol = symbol or self.symbols[0]
        self._have(symbol)
        key = (symbol, interval or self.interval)
        chart = self._chart(key)
        if wish.against is not None:
            self._have(wish.against)
            self._chart((wish.against, key[1])).wants(self._bars_before(wish))
        chart.wants(self._bars_before(wish))
        line = chart.line(wish.indicator, wish.parameters, wish.output, wish.against)
        if sum(len(each.lines) for each in self.needs.charts.values()) > MOST_LINES:
            message = f"A strategy may read {MOST_LINES} lines of indicators."
            raise InvalidInput(message, code="too_many_indicators")
        return line

    def ticks(self) -> None:
        self.needs.ticks = True

    def warm_up(self, bars: int) -> None:
        for key in self.needs.told:
            self.needs.charts[key].wants(bars)

    def _have(self, symbol: str) -> None:
        if symbol not in self.needs.symbols:
            self.needs.symbols.append(symbol)

    def _chart(self, key: ChartKey) -> Chart:
        return self.needs.charts.setdefault(key, Chart(*key))

    def _tell(self, key: ChartKey) -> None:
        self._chart(key)
        if key not in self.needs.told:
            self.needs.told.append(key)

    @staticmethod
    def _bars_before(wish: LineWish) -> int:
        found = wish.indicator.warm_up_bars(wish.parameters)
        return ENDLESS_MEMORY if found is None else found
