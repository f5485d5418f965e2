"""How returns or results spread: equal bins, with zero on an edge, so that no bin mixes gains and losses."""

from dataclasses import dataclass

import numpy as np

from .returns import FloatArray

BINS = 21
# Narrower bins would differ by the rounding of floats alone.
_FINEST = 1e-12


@dataclass(frozen=True, slots=True)
class Bin:
    """Values of [low, high), the last with its upper edge."""

    low: float
    high: float
    count: int

    @property
    def is_gain(self) -> bool:
        return self.low >= 0


def histogram(values: FloatArray, bins: int = BINS) -> tuple[Bin, ...]:
    """At most about `bins` bins over all values, none without values."""
    if not len(values):
        return ()
    low, high = min(float(np.min(values)), 0.0), max(float(np.max(values)), 0.0)
    spread = (high - low) / bins
    width = _round_up(spread) if spread > _FINEST else 1.0
    first, last = int(np.floor(low / width)), max(int(np.ceil(high / width)), 1)
    edges = np.arange(first, last + 1) * width
    counts, _ = np.histogram(values, bins=edges)
    return tuple(
        Bin(float(edges[at]), float(edges[at + 1]), int(count)) for at, count in enumerate(counts.tolist())
    )


def _round_up(width: float) -> float:
    """The next of 1, 2, 2.5, 5 or 10 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= width * (1 - 1e-12)))
