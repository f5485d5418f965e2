"""Functions compiled by numba: typed as they were, kept on disk, made anew when any module they use has changed."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])
Stamp = tuple[str, int]


def stamp_of(folder: Path) -> Stamp:
    """A stamp of every module in a folder, of the shape that numba's index compares."""
    digest = sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest(), 0


def compiled(function: F, *, stamp: Stamp, without_lock: bool = False, inlined: bool = False) -> F:
    """Compile on first use and keep the machine code; dividing by zero gives inf or NaN.

    It is kept in `NUMBA_CACHE_DIR`, else beside the source, else in the user's cache folder: the first of them that
    may be written. Where none may, as in a container that is read-only throughout, each process compiles anew.
    `without_lock`: calls let go of the interpreter's lock, so that threads run side by side. `inlined`: the code
    becomes part of every caller's, which spares counting the references of the arrays that are handed over.
    """
    # No fastmath: the same sums in the same order, whether a thousand values come at once or one by one.
    options: dict[str, Any] = {"error_model": "numpy", "nogil": without_lock, "forceinline": inlined}
    try:
        dispatcher: Any = numba.njit(cache=True, **options)(function)
    except RuntimeError as error:
        # numba raises a bare RuntimeError when there is no folder to write to.
        if "cannot cache function" not in str(error):
            raise
        return cast(F, numba.njit(**options)(function))
    # By itself numba looks at the function's own file only, and would go on with machine code that holds an older
    # version of a function from another module.
    dispatcher._cache._cache_file._source_stamp = stamp
    return cast(F, dispatcher)


def is_kept(function: Callable[..., object]) -> bool:
    """Whether machine code of a compiled function, as its source is now, lies on disk."""
    cache: Any = getattr(function, "_cache", None)
    file = getattr(cache, "_cache_file", None)
    return file is not None and bool(file._load_index())
