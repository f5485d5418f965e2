"""How much of the time and of the capital was at work."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Span = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order; spans of no length are left out."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def exposure_time(held: Iterable[Span], sessions: Sequence[Span]) -> float:
    """The part of the sessions in which anything was open, 0 to 1; NaN without a session.

    Both are half-open spans of time. Nights do not count, whoever holds through them.
    """
    market, inside, at = merged(sessions), 0.0, 0
    open_spans = merged(held)
    for start, end in market:
        while at < len(open_spans) and open_spans[at][1] <= start:
            at += 1
        for begun, closed in open_spans[at:]:
            if begun >= end:
                break
            inside += (min(closed, end) - max(begun, start)).total_seconds()
    total = sum((end - start).total_seconds() for start, end in market)
    return inside / total if total else float("nan")


def turnover_ratio(traded_paise: int, worth_paise: NDArray[np.int64]) -> float:
    """The value of all purchases and sales by the mean worth; NaN where there was none."""
    mean = float(np.mean(worth_paise)) if len(worth_paise) else 0.0
    return traded_paise / mean if mean > 0 else float("nan")
