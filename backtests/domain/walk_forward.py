"""Choosing settings on one span and trying them on the next, over and over: the spans, and the results in a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from core.errors import InvalidInput
from trading.marketdata.domain.bars import Int64Array

MOST_WINDOWS = 200


class Mode(StrEnum):
    """ANCHORED: every choice sees all days from the first on. ROLLING: only so many before its test."""

    ANCHORED = "ANCHORED"
    ROLLING = "ROLLING"


@dataclass(frozen=True, slots=True)
class Window:
    """One step; trading days, all included. The tests of all windows follow each other without gap or overlap."""

    number: int
    in_first: date
    in_last: date
    out_first: date
    out_last: date


def windows(
    days: Sequence[date], *, in_sample: int, out_of_sample: int, mode: Mode, purged: int = 0
) -> tuple[Window, ...]:
    """Windows over ascending trading days, lengths in days.

    `purged` days between choice and test belong to neither, for positions and indicators that reach across. The
    last test is shorter where the days run out.

    Raises:
        InvalidInput: `windows_invalid` for lengths below one, `windows_too_few_days` when not even one test has a
            day, `windows_too_many` above 200.
    """
    if min(in_sample, out_of_sample) < 1 or purged < 0:
        raise InvalidInput("Both spans must have at least one day.", code="windows_invalid")
    begins = in_sample + purged
    if len(days) <= begins:
        raise InvalidInput(
            f"{len(days)} trading days are too few: the first test would begin after {begins}.",
            code="windows_too_few_days",
        )
    starts = range(begins, len(days), out_of_sample)
    if len(starts) > MOST_WINDOWS:
        raise InvalidInput(
            f"{len(starts)} windows are more than {MOST_WINDOWS}: take longer tests.", code="windows_too_many"
        )
    return tuple(
        Window(
            number=number,
            in_first=days[0 if mode is Mode.ANCHORED else start - begins],
            in_last=days[start - purged - 1],
            out_first=days[start],
            out_last=days[min(start + out_of_sample, len(days)) - 1],
        )
        for number, start in enumerate(starts)
    )


def stitched(capital: int, tests: Sequence[Int64Array]) -> Int64Array:
    """One curve of daily equity from the tests', each of which began with `capital`: their returns, one after
    another on what the tests before have left. Paise; a test that has lost everything leaves nothing to go on with.
    """
    worth, curve = float(capital), [np.empty(0)]
    for closes in tests:
        grown = worth * np.maximum(closes, 0) / capital
        curve.append(grown)
        if len(grown):
            worth = float(grown[-1])
    return np.rint(np.concatenate(curve)).astype(np.int64)


def efficiency(in_sample: Sequence[float], out_of_sample: Sequence[float]) -> float:
    """What of the annual return in sample is left out of sample, on average (Pardo's walk-forward efficiency).

    NaN where there is nothing in sample to be kept. Windows whose returns are unknown (NaN) do not count.
    """
    inside, outside = np.array(in_sample, dtype=np.float64), np.array(out_of_sample, dtype=np.float64)
    known = ~(np.isnan(inside) | np.isnan(outside))
    promised = float(inside[known].mean()) if known.any() else 0.0
    return float(outside[known].mean()) / promised if promised > 0 else float("nan")
