"""Compiling recurrences with numba, without losing their types."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core import machine_code

F = TypeVar("F", bound=Callable[..., object])
SOURCES = machine_code.stamp_of(Path(__file__).parent)


def kernel(function: F) -> F:
    """As `machine_code.compiled`, without the interpreter's lock: each computation has a memory of its own."""
    return machine_code.compiled(function, stamp=SOURCES, without_lock=True)
