"""Compiling recurrences with numba, without losing their types."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compile on first use and keep the machine code beside the source; dividing by zero gives inf or NaN."""
    # No fastmath: the same sums in the same order, whether a thousand bars come at once or one by one.
    return cast(F, numba.njit(cache=True, error_model="numpy")(function))
