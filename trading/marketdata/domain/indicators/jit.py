"""Compiling recurrences with numba, without losing their types."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def _sources() -> tuple[str, int]:
    """A stamp of every module beside this one, of the shape that numba's index compares."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest(), 0


SOURCES = _sources()


def kernel(function: F) -> F:
    """Compile on first use and keep the machine code beside the source; dividing by zero gives inf or NaN."""
    # No fastmath: the same sums in the same order, whether a thousand bars come at once or one by one.
    dispatcher: Any = numba.njit(cache=True, error_model="numpy")(function)
    # By itself numba looks at the function's own file only, and would go on with machine code that holds an older
    # version of a step from another module.
    dispatcher._cache._cache_file._source_stamp = SOURCES
    return cast(F, dispatcher)
