"""A strategy's wanted sides over all bars, with indicators computed once however many settings share them."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

import numpy as np

from core.errors import InvalidInput
from trading.marketdata.domain.indicators import registry
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import SignalStrategy

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
        self._kept: OrderedDict[tuple[object, ...], dict[str, FloatArray]] = OrderedDict()
        self._left = most_bytes
        self._lock = Lock()

    def lines(self, name: str, parameters: Mapping[str, Value]) -> dict[str, FloatArray]:
        """All outputs of an indicator. Raises NotFound and InvalidInput as the registry does."""
        indicator = registry.get(name)
        values = indicator.read(parameters)
        if indicator.compared_with(values) is not None:
            raise InvalidInput(
                f"{name} compares with another instrument, which signals on one instrument cannot.",
                code="indicator_unsuitable",
            )
        key = (name, *values.items())
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        found = indicator.compute(self.market.columns, **values)
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


def signals_of(strategy: SignalStrategy, memory: LineMemory) -> Signals:
    """The wanted side after each bar of the memory's market.

    Raises InvalidInput, `signals_invalid`, when the strategy gives anything but -1, 0 and 1 for each bar.
    """
    market = memory.market
    lines = {own: memory.lines(name, parameters) for own, (name, parameters) in strategy.lines().items()}
    signals = np.asarray(strategy.signals(market.columns, lines))
    if signals.shape != (len(market),):
        raise InvalidInput(f"{strategy.key}: signals are not one for each bar.", code="signals_invalid")
    if signals.dtype != np.int8:
        if not np.isin(signals, (-1, 0, 1)).all():
            raise InvalidInput(f"{strategy.key}: a signal is -1, 0 or 1.", code="signals_invalid")
        signals = signals.astype(np.int8)
    elif len(signals) and (signals.max() > 1 or signals.min() < -1):
        raise InvalidInput(f"{strategy.key}: a signal is -1, 0 or 1.", code="signals_invalid")
    return np.ascontiguousarray(signals)
