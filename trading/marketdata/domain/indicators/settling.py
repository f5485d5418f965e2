"""How many bars before the first one shown a recurrence has to see, until what came before no longer shows.

The rule: what the beginning of the series still weighs is below 1e-9.
"""

from math import log

_WEIGHT = 1e-9
_DECAYS = -log(_WEIGHT)

TURNS = 500
"""Bars in which a line that turns with the trend has surely turned, after which its beginning is forgotten."""


def ema_settled(period: float, stages: int = 1) -> int:
    """For an exponential average of weight 2/(period+1), or several of them chained."""
    return _settled((period + 1) / 2, stages) + int(period) * stages


def wilder_settled(period: float, stages: int = 1) -> int:
    """For Wilder's average of weight 1/period, or several of them chained."""
    return _settled(period, stages) + int(period) * stages


def _settled(bars: float, stages: int) -> int:
    # Chained, the beginning decays as n^(stages-1) times the weight: half as much again for each stage covers it.
    return int(_DECAYS * bars * (1 + (stages - 1) * 0.5)) + 1
