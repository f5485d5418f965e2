"""Compiling the loops so that threads can run them side by side."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core import machine_code

F = TypeVar("F", bound=Callable[..., object])
SOURCES = machine_code.stamp_of(Path(__file__).parent)


def compiled(function: F) -> F:
    """As `machine_code.compiled`, without the interpreter's lock."""
    return machine_code.compiled(function, stamp=SOURCES, without_lock=True)


def inlined(function: F) -> F:
    """The same for what is small and called for every fill."""
    return machine_code.compiled(function, stamp=SOURCES, without_lock=True, inlined=True)
