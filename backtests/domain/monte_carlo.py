"""What else the same trades could have come to: their order, or which of them came, left to chance by a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from trading.marketdata.domain.bars import Int64Array

FloatArray = NDArray[np.float64]

LEVELS = (5.0, 25.0, 50.0, 75.0, 95.0)
MOST_SIMULATIONS = 20_000
_POINTS = 200
"""Of a curve that is drawn."""
_CHUNK_VALUES = 2_000_000


class Method(StrEnum):
    """SHUFFLE: the same trades in another order; the end is the same, the way there is not. RESAMPLE: as many
    trades drawn with replacement, each on its own. BLOCKS: the same, in runs of neighbours, which keeps streaks."""

    SHUFFLE = "SHUFFLE"
    RESAMPLE = "RESAMPLE"
    BLOCKS = "BLOCKS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to simulate.

    `compounding`: a trade gains or loses the share of equity that it did; else the rupees that it did. `ruin` is
    the share of the capital at which a path counts as ruined, wherever it goes from there.
    """

    simulations: int = 2_000
    seed: int = 0
    method: Method = Method.RESAMPLE
    block: int = 5
    compounding: bool = False
    ruin: float = 0.5

    def __post_init__(self) -> None:
        if not 1 <= self.simulations <= MOST_SIMULATIONS:
            raise InvalidInput(f"Simulations must be from 1 to {MOST_SIMULATIONS:,}.", code="simulations_invalid")
        if self.block < 1 or not 0 <= self.ruin < 1:
            raise InvalidInput("A block has a trade, and ruin is a share below 1.", code="simulations_invalid")


@dataclass(frozen=True, slots=True)
class Simulation:
    """`bands[k]` is the `levels[k]`-th percentile of equity (paise) after `trades` trades; `actual` what it was.

    `final` and `drawdown` are the same percentiles of where the paths ended (paise) and of their deepest falls
    (negative fractions; the 5th percentile is the deep end). Chances are shares of the paths.
    """

    levels: tuple[float, ...]
    trades: Int64Array
    bands: FloatArray
    actual: FloatArray
    final: FloatArray
    drawdown: FloatArray
    chance_of_loss: float
    chance_of_ruin: float
    simulations: int


def simulate(nets: Int64Array, capital: int, plan: Plan) -> Simulation:
    """Simulate from the net results of trades in order of closing, and the capital, in paise.

    Raises InvalidInput: `simulations_no_trades` below two trades.
    """
    if len(nets) < 2:
        raise InvalidInput("Two trades are the least to be mixed.", code="simulations_no_trades")
    steps = _steps(nets, capital, compounding=plan.compounding)
    shown = np.unique(np.linspace(0, len(nets), min(len(nets), _POINTS) + 1).astype(np.int64))
    paths = np.empty((plan.simulations, len(shown)))
    final, deepest, lowest = (np.empty(plan.simulations) for _ in range(3))
    first = 0
    for drawn in _draws(len(nets), plan):
        curves = _curves(steps[drawn], capital, compounding=plan.compounding)
        rows = slice(first, first + len(curves))
        paths[rows], final[rows], lowest[rows] = curves[:, shown], curves[:, -1], curves.min(axis=1)
        deepest[rows] = _deepest(curves)
        first += len(curves)
    return Simulation(
        levels=LEVELS,
        trades=shown,
        bands=np.percentile(paths, LEVELS, axis=0),
        actual=_curves(steps[None, :], capital, compounding=plan.compounding)[0, shown],
        final=np.percentile(final, LEVELS),
        drawdown=np.percentile(deepest, LEVELS),
        chance_of_loss=float(np.mean(final < capital)),
        chance_of_ruin=float(np.mean(lowest <= capital * plan.ruin)),
        simulations=plan.simulations,
    )


def _steps(nets: Int64Array, capital: int, *, compounding: bool) -> FloatArray:
    """What is added at each trade, or what equity is multiplied by."""
    if not compounding:
        return nets.astype(np.float64)
    before = capital + np.r_[0, np.cumsum(nets)[:-1]]
    shares = np.divide(nets, before, out=np.full(len(nets), -1.0), where=before > 0)
    return np.asarray(np.maximum(1.0 + shares, 0.0))


def _draws(count: int, plan: Plan) -> Iterator[Int64Array]:
    """Positions of trades, a row a path, some rows at a time."""
    rng = np.random.default_rng(plan.seed)
    rows = max(1, _CHUNK_VALUES // count)
    for first in range(0, plan.simulations, rows):
        size = min(rows, plan.simulations - first)
        if plan.method is Method.SHUFFLE:
            yield rng.permuted(np.tile(np.arange(count), (size, 1)), axis=1)
        elif plan.method is Method.RESAMPLE:
            yield rng.integers(0, count, (size, count))
        else:
            blocks = -(-count // plan.block)
            starts = rng.integers(0, count, (size, blocks))
            # A block that runs over the end goes on at the beginning (Politis and Romano's circular blocks).
            yield ((starts[:, :, None] + np.arange(plan.block)) % count).reshape(size, -1)[:, :count]


def _curves(steps: FloatArray, capital: int, *, compounding: bool) -> FloatArray:
    """Equity before the first trade and after each, a row a path."""
    curves = np.empty((len(steps), steps.shape[1] + 1))
    curves[:, 0] = capital
    if compounding:
        curves[:, 1:] = capital * np.cumprod(steps, axis=1)
    else:
        curves[:, 1:] = capital + np.cumsum(steps, axis=1)
    return curves


def _deepest(curves: FloatArray) -> FloatArray:
    peaks = np.maximum.accumulate(curves, axis=1)
    return np.asarray(np.min(curves / peaks - 1.0, axis=1))
