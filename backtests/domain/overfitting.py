"""How much of the best result of many trials is luck.

Sharpe ratios here are of one period (a day), not annualised; kurtosis is the plain fourth moment, 3 for normal
returns. Sources: Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier" (2012) and "The Deflated Sharpe
Ratio" (2014); Bailey, Borwein, López de Prado and Zhu, "The Probability of Backtest Overfitting" (2015).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import e, inf, isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput

FloatArray = NDArray[np.float64]

_NORMAL = NormalDist()
_EULER = 0.5772156649015329
_VALUES_AT_ONCE = 2_000_000
_STILL = 1e-12
"""Deviation of returns that are all alike, but for rounding."""
LEAST_BLOCKS, MOST_BLOCKS = 4, 16
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Deflated:
    """`probability` that the best trial's true Sharpe ratio is above zero, after so many trials; `expected_best` is
    the Sharpe ratio that the best of as many worthless ones would have shown. NaN where it cannot be told."""

    probability: float
    expected_best: float
    sharpe: float
    trials: float


@dataclass(frozen=True, slots=True)
class Overfitting:
    """`probability` that what was best in sample is below the median out of sample; `chance_of_loss` that it then
    has a negative Sharpe ratio. `splits` is how many halvings it was counted over."""

    probability: float
    chance_of_loss: float
    splits: int


def probabilistic_sharpe(
    sharpe: float, benchmark: float, *, periods: int, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """The probability that the true Sharpe ratio is above a benchmark's, from one of so many returns."""
    variance = _variance(sharpe, skew, kurtosis)
    if periods < 2 or not variance > 0:
        return NAN
    return _NORMAL.cdf((sharpe - benchmark) * sqrt(periods - 1) / sqrt(variance))


def least_periods(
    sharpe: float, benchmark: float, *, skew: float = 0.0, kurtosis: float = 3.0, confidence: float = 0.95
) -> float:
    """How many returns it takes to be so sure that the true Sharpe ratio is above a benchmark's; infinitely many
    when it does not look so."""
    if not sharpe > benchmark:
        return inf
    return 1.0 + _variance(sharpe, skew, kurtosis) * (_NORMAL.inv_cdf(confidence) / (sharpe - benchmark)) ** 2


def expected_best_sharpe(trials: float, variance: float) -> float:
    """The highest Sharpe ratio to be expected of so many independent trials without any skill, whose Sharpe ratios
    have that variance; 0 of a single one."""
    if trials <= 1 or not variance > 0:
        return 0.0
    high = (1.0 - _EULER) * _NORMAL.inv_cdf(1.0 - 1.0 / trials)
    return sqrt(variance) * (high + _EULER * _NORMAL.inv_cdf(1.0 - 1.0 / (trials * e)))


def deflated_sharpe(
    sharpes: FloatArray, *, periods: int, skew: float, kurtosis: float, trials: float | None = None
) -> Deflated:
    """The best of all trials' Sharpe ratios, deflated. `skew` and `kurtosis` are of the best one's returns.

    `trials` is how many independent ones they amount to (`effective_trials`), by default all: the cautious side.
    Ratios that are NaN (cells without a trade) were tried, and do not count for the variance.
    """
    known = sharpes[np.isfinite(sharpes)]
    if not len(known):
        return Deflated(NAN, NAN, NAN, float(len(sharpes)))
    number = float(len(sharpes)) if trials is None else trials
    best = float(known.max())
    expected = expected_best_sharpe(number, float(np.var(known, ddof=1)) if len(known) > 1 else 0.0)
    chance = probabilistic_sharpe(best, expected, periods=periods, skew=skew, kurtosis=kurtosis)
    return Deflated(chance, expected, best, number)


@dataclass(frozen=True, slots=True)
class Together:
    """Standardised returns of trials, added up period by period: what `effective_trials` needs of them, however
    many there are. Trials whose returns never move are left out of `count`."""

    count: int
    sums: FloatArray

    @classmethod
    def of(cls, returns: FloatArray) -> "Together":
        """Of returns, periods by trials."""
        moving = returns[:, returns.std(axis=0) > _STILL]
        standard = (moving - moving.mean(axis=0)) / moving.std(axis=0)
        return cls(moving.shape[1], standard.sum(axis=1))

    @classmethod
    def from_bytes(cls, content: bytes | memoryview) -> "Together":
        """The inverse of `to_bytes`."""
        values = np.frombuffer(content, dtype=np.float64)
        return cls(int(values[0]), values[1:])

    def to_bytes(self) -> bytes:
        """The count and the sums as float64."""
        return np.concatenate(([self.count], self.sums)).tobytes()

    def __add__(self, other: "Together") -> "Together":
        return Together(self.count + other.count, self.sums + other.sums)

    def effective(self) -> float:
        """How many independent trials these amount to: M of average correlation ρ are ρ + (1 - ρ)M."""
        if self.count < 2:
            return float(self.count)
        # The sum of all correlations is the variance of the sum: no matrix of all pairs is needed.
        total = float(np.mean(self.sums**2))
        average = (total - self.count) / (self.count * (self.count - 1))
        return float(min(max(average + (1.0 - average) * self.count, 1.0), self.count))


def effective_trials(returns: FloatArray) -> float:
    """How many independent trials the columns of `returns` (periods by trials) amount to."""
    return Together.of(returns).effective()


@dataclass(frozen=True, slots=True)
class Blocks:
    """Returns of trials by block of `length` periods, blocks by trials: their sums, and the sums of their squares.
    That is all of them that cross-validation looks at."""

    sums: FloatArray
    squares: FloatArray
    length: int


def most_blocks(periods: int) -> int:
    """Into how many blocks so many periods are best cut: sixteen, fewer where a block had less than two periods, 0
    where there would be less than four."""
    blocks = min(MOST_BLOCKS, periods // 2 // 2 * 2)
    return blocks if blocks >= LEAST_BLOCKS else 0


def blocked(returns: FloatArray, blocks: int) -> Blocks:
    """Returns, periods by trials, in equal blocks; the oldest periods that do not fit are left out.

    Raises InvalidInput: `overfitting_blocks` when blocks are odd or not from 2 to 20, `overfitting_too_little` for
    less than two periods a block.
    """
    if blocks % 2 or not 2 <= blocks <= 20:
        raise InvalidInput("Blocks must be even, from 2 to 20.", code="overfitting_blocks")
    length = len(returns) // blocks
    if length < 2:
        raise _too_little(blocks)
    parts = returns[len(returns) - blocks * length :].reshape(blocks, length, -1)
    return Blocks(parts.sum(axis=1), (parts**2).sum(axis=1), length)


def probability_of_overfitting(returns: FloatArray, *, blocks: int = 16) -> Overfitting:
    """Combinatorially symmetric cross-validation of returns, periods by trials. Trials with NaN are left out.

    Raises InvalidInput as `blocked` and `cross_validated` do.
    """
    return cross_validated(blocked(returns[:, np.isfinite(returns).all(axis=0)], blocks))


def cross_validated(found: Blocks) -> Overfitting:
    """The same of returns that are in blocks already: each half of the blocks is once in sample.

    Raises InvalidInput, `overfitting_too_little`, below two trials.
    """
    blocks, trials = found.sums.shape
    if trials < 2:
        raise _too_little(blocks)
    half = blocks // 2 * found.length
    below = lost = count = 0
    for masks in _halves(blocks, max(1, _VALUES_AT_ONCE // trials)):
        inside = _sharpe(masks @ found.sums, masks @ found.squares, half)
        outside = _sharpe((1.0 - masks) @ found.sums, (1.0 - masks) @ found.squares, half)
        best = outside[np.arange(len(masks)), inside.argmax(axis=1)][:, None]
        rank = (outside < best).sum(axis=1) + ((outside == best).sum(axis=1) + 1) / 2
        below += int(np.count_nonzero(rank / (trials + 1) <= 0.5))
        lost += int(np.count_nonzero(best < 0))
        count += len(masks)
    return Overfitting(below / count, lost / count, count)


def _too_little(blocks: int) -> InvalidInput:
    return InvalidInput(f"It takes two trials and {2 * blocks} periods to tell.", code="overfitting_too_little")


def _halves(blocks: int, at_once: int) -> Iterator[FloatArray]:
    """Which blocks are in sample, a row a split, some splits at a time."""
    chosen = combinations(range(blocks), blocks // 2)
    while rows := list(islice(chosen, at_once)):
        masks = np.zeros((len(rows), blocks))
        masks[np.arange(len(rows))[:, None], np.array(rows)] = 1.0
        yield masks


def _sharpe(sums: FloatArray, squares: FloatArray, periods: int) -> FloatArray:
    """Sharpe ratios from sums; of returns that never move, 0."""
    mean = sums / periods
    variance = np.maximum(squares / periods - mean**2, 0.0) * periods / (periods - 1)
    return np.divide(mean, np.sqrt(variance), out=np.zeros_like(mean), where=variance > 1e-24)


def _variance(sharpe: float, skew: float, kurtosis: float) -> float:
    """Of an estimated Sharpe ratio, times the number of returns less one."""
    if not (isfinite(sharpe) and isfinite(skew) and isfinite(kurtosis)):
        return NAN
    return 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
