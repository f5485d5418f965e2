"""A Monte Carlo's bands as the points of a drawing."""

from dataclasses import dataclass

import numpy as np

from .monte_carlo import FloatArray, Simulation

WIDTH, HEIGHT = 1_000.0, 300.0


@dataclass(frozen=True, slots=True)
class Fan:
    """Points of an SVG of WIDTH by HEIGHT; `low` and `high` (paise) are its lower and upper edge."""

    wide: str
    narrow: str
    middle: str
    actual: str
    low: int
    high: int


def fan(simulation: Simulation) -> Fan:
    """The outer and the inner pair of levels as areas, the middle one and what really happened as lines."""
    bands, actual = simulation.bands, simulation.actual
    low = float(min(bands[0].min(), actual.min()))
    high = float(max(bands[-1].max(), actual.max()))
    across = simulation.trades / max(int(simulation.trades[-1]), 1) * WIDTH
    scale = HEIGHT / (high - low) if high > low else 0.0

    def points(values: FloatArray, *, backwards: bool = False) -> str:
        pairs = np.column_stack((across, HEIGHT - (values - low) * scale))
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (pairs[::-1] if backwards else pairs).tolist())

    return Fan(
        wide=f"{points(bands[-1])} {points(bands[0], backwards=True)}",
        narrow=f"{points(bands[-2])} {points(bands[1], backwards=True)}",
        middle=points(bands[len(bands) // 2]),
        actual=points(actual),
        low=round(low),
        high=round(high),
    )
