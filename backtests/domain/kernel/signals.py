"""A strategy's wanted sides over all bars, with indicators computed once however many settings share them."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np

from core.errors import InvalidInput
from trading.marketdata.domain.indicators import Bars, Indicator, registry
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import SignalStrategy
from trading.strategies.domain.host.signals import history_bars

from .columns import FloatArray, Signals
from .market import Market

_MOST_BYTES = 256 << 20


class LineMemory:
    """Indicator lines of one market, kept by name and parameters up to `most_bytes`; the longest unused go first.

    Threads may share it. Two that want the same line at once may both compute it, which costs time and no more.
    """

    def __init__(self, market: Market, most_bytes: int = _MOST_BYTES) -> None:
        self.market = market
        self.computed = 0
        self._columns: dict[int, Bars] = {}
        self._wishes: dict[tuple[object, ...], Wish] = {}
        self._kept: OrderedDict[tuple[object, ...], dict[str, FloatArray]] = OrderedDict()
        self._left = most_bytes
        self._lock = Lock()

    def wish(self, name: str, parameters: Mapping[str, Value]) -> "Wish":
        """An indicator with its settings, checked. Raises NotFound and InvalidInput as the registry does."""
        key = (name, *parameters.items())
        known = self._wishes.get(key)
        return known if known is not None else self._wishes.setdefault(key, Wish.of(name, parameters))

    def columns(self, before: int) -> Bars:
        """The market's bars from so many before the span on."""
        known = self._columns.get(before)
        return known if known is not None else self._columns.setdefault(before, self.market.columns(before))

    def lines(self, wish: "Wish", before: int) -> dict[str, FloatArray]:
        """All outputs of an indicator over `columns(before)`."""
        key = (before, wish.indicator.name, *wish.values.items())
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        found = wish.indicator.compute(self.columns(before), **wish.values)
        with self._lock:
            self.computed += 1
            self._keep(key, found)
        return found

    def _keep(self, key: tuple[object, ...], found: dict[str, FloatArray]) -> None:
        if key in self._kept:
            return
        self._kept[key] = found
        self._left -= _bytes(found)
        while self._left < 0 and self._kept:
            _, gone = self._kept.popitem(last=False)
            self._left += _bytes(gone)


def _bytes(lines: Mapping[str, FloatArray]) -> int:
    return sum(line.nbytes for line in lines.values())


@dataclass(frozen=True, slots=True)
class Wish:
    """An indicator with its settings, and the bars that it needs to warm up; None for a running total."""

    indicator: Indicator
    values: Mapping[str, Value]
    warm_up: int | None

    @classmethod
    def of(cls, name: str, parameters: Mapping[str, Value]) -> "Wish":
        """As a strategy names it; raises as `LineMemory.wish`."""
        indicator = registry.get(name)
        values = indicator.read(parameters)
        if indicator.compared_with(values) is not None:
            raise InvalidInput(
                f"{name} compares with another instrument, which signals on one instrument cannot.",
                code="indicator_unsuitable",
            )
        return cls(indicator, values, indicator.warm_up_bars(values))


def history_of(strategy: SignalStrategy) -> int:
    """How many bars before the span a strategy's lines warm up on. Raises as `LineMemory.wish`."""
    return history_bars(Wish.of(name, parameters).warm_up for name, parameters in strategy.lines().values())


def signals_of(strategy: SignalStrategy, memory: LineMemory) -> Signals:
    """The wanted side after each bar of the memory's market.

    Lines begin as many bars before the span as the engine shows a run of these settings, if the market has them.

    Raises InvalidInput, `signals_invalid`, when the strategy gives anything but -1, 0 and 1 for each bar.
    """
    market = memory.market
    wishes = {own: memory.wish(name, parameters) for own, (name, parameters) in strategy.lines().items()}
    before = min(history_bars(wish.warm_up for wish in wishes.values()), market.before)
    columns = memory.columns(before)
    lines = {own: memory.lines(wish, before) for own, wish in wishes.items()}
    signals = np.asarray(strategy.signals(columns, lines))
    if signals.shape != (len(columns),):
        raise InvalidInput(f"{strategy.key}: signals are not one for each bar.", code="signals_invalid")
    if signals.dtype != np.int8:
        if not np.isin(signals, (-1, 0, 1)).all():
            raise InvalidInput(f"{strategy.key}: a signal is -1, 0 or 1.", code="signals_invalid")
        signals = signals.astype(np.int8)
    elif len(signals) and (signals.max() > 1 or signals.min() < -1):
        raise InvalidInput(f"{strategy.key}: a signal is -1, 0 or 1.", code="signals_invalid")
    return np.ascontiguousarray(market.stand(signals, before))
