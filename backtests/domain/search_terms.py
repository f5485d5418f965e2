"""What a sweep or a walk-forward is asked with, besides the run itself."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerms:
    """`axes` by setting: a list of values, or `{"from", "to", "step"}`. `count` is how many combinations are tried
    at random or by Bayes; a grid tries all. `mode`, `in_sample` and `out_of_sample` (trading days) are a
    walk-forward's."""

    axes: Mapping[str, object]
    method: str = "GRID"
    objective: str = "SHARPE"
    count: int = 100
    mode: str = "NONE"
    in_sample: int = 0
    out_of_sample: int = 0
