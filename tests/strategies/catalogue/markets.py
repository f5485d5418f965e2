"""Made-up markets for signal strategies: bars from a path of closes, and the signals over them."""

from collections.abc import Sequence

import numpy as np

from trading.marketdata.domain.indicators import registry as indicators
from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.strategies.domain.signals import SidedStrategy
from trading.strategies.domain.strategy import Signals, SignalStrategy

SESSION = 1_760_000_000


def bars_of(
    closes: Sequence[float] | FloatArray, *, spread: float = 0.0, volume: float = 1000.0, per_session: int = 0
) -> Bars:
    """Each bar opens at the close before; high and low lie `spread` beyond both. All in one session, or in sessions
    of so many bars."""
    close = np.asarray(closes, dtype=np.float64)
    opened = np.concatenate((close[:1], close[:-1]))
    number = np.arange(len(close)) // per_session if per_session else np.zeros(len(close))
    return Bars(
        open=opened,
        high=np.maximum(opened, close) + spread,
        low=np.minimum(opened, close) - spread,
        close=close,
        volume=np.full(len(close), volume),
        session=SESSION + number * 86_400,
        against=np.full(len(close), np.nan),
    )


def signals_of(strategy: SignalStrategy, bars: Bars) -> Signals:
    """What the strategy wants after each bar, with its indicators from the registry."""
    lines = {
        name: indicators.get(indicator).compute(bars, **parameters)
        for name, (indicator, parameters) in strategy.lines().items()
    }
    return strategy.signals(bars, lines)


def changes(signals: Signals) -> list[tuple[int, int]]:
    """(bar, side) wherever the wanted side changes."""
    before = np.concatenate(([0], signals[:-1]))
    return [(int(place), int(signals[place])) for place in np.flatnonzero(signals != before)]


def sided_strategies() -> list[type[SignalStrategy]]:
    """All of the house that are nothing but a wanted side."""
    from trading.strategies import registry

    return [each for each in registry.all() if issubclass(each, SidedStrategy)]
