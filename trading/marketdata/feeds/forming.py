"""Telling the bus which candles changed: forming ones a few times a second, finished ones as they are drained."""

from collections.abc import Iterable

from core.bus import get_bus
from trading.marketdata.domain.candle_builder import Bar, CandleBuilder
from trading.marketdata.domain.wire import CANDLES_CHANNEL, encode_bars

PUBLISH_SECONDS = 0.25


class FormingBars:
    """Remembers whose candle changed, and publishes them together. Losing a message costs one update."""

    def __init__(self, builder: CandleBuilder) -> None:
        self._builder = builder
        self._changed: set[str] = set()
        self._next = 0.0

    def changed(self, keys: Iterable[str]) -> None:
        """The forming candles of these instruments changed."""
        self._changed.update(keys)

    def publish(self, moment: float, finished: Iterable[Bar] = ()) -> None:
        """Publish finished candles at once, and at `moment` (monotonic) the forming ones if they are due."""
        bars = list(finished)
        if moment >= self._next and self._changed:
            bars += [bar for key in self._changed if (bar := self._builder.forming(key))]
            self._changed.clear()
            self._next = moment + PUBLISH_SECONDS
        if bars:
            get_bus().publish(CANDLES_CHANNEL, encode_bars(bars))
