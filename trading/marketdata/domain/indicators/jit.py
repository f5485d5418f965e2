"""Compiling recurrences with numba, without losing their types."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core import machine_code

F = TypeVar("F", bound=Callable[..., object])
SOURCES = machine_code.stamp_of(Path(__file__).parent)


def kernel(function: F) -> F:
    """Compile on first use and keep the machine code beside the source; dividing by zero gives inf or NaN."""
    return machine_code.compiled(function, stamp=SOURCES)
