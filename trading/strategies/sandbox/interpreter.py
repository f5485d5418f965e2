"""Running the text of a strategy: with the names that a strategy may have, as a module of its own."""

import builtins
import sys
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from trading.strategies.domain.strategy import Strategy

from .rules import FORBIDDEN_NAMES, MODULES

MODULE = "strategy"
FILE = "<strategy>"
_LOADED_LATE = ("numpy.linalg", "numpy.random", "numpy.fft", "numpy.polynomial", "numpy.ma")
"""Parts of numpy that load when they are first used."""


class NotOneStrategy(Exception):
    """The text defines no strategy, or several."""


def load(source: str, say: Any) -> type[Strategy]:
    """The one strategy that a text defines. `say` takes what it prints.

    Raises NotOneStrategy, and whatever the text raises while it is run.
    """
    module = ModuleType(MODULE)
    names = vars(module)
    names["__builtins__"] = {**_builtins(), "print": lambda *values, **_: say(" ".join(map(str, values)))}
    sys.modules[MODULE] = module
    exec(compile(source, FILE, "exec"), names)
    found = [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == MODULE and value.key
    ]
    if len(found) != 1:
        raise NotOneStrategy(
            "The text must define one subclass of Strategy with a `key`"
            + (f"; it defines {', '.join(each.__name__ for each in found)}." if found else ".")
        )
    return found[0]


def line_of(error: BaseException) -> int | None:
    """The last line of the text that an error went through."""
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _builtins() -> dict[str, Any]:
    allowed = {name: value for name, value in vars(builtins).items() if name not in FORBIDDEN_NAMES}
    return {**allowed, "__import__": _import}


def _import(
    name: str,
    globals: Any = None,
    locals: Any = None,
    fromlist: tuple[str, ...] = (),
    level: int = 0,
) -> ModuleType:
    if level or name not in MODULES:
        raise ImportError(f"{name} cannot be imported here")
    return builtins.__import__(name, globals, locals, fromlist, level)


def preload() -> None:
    """Load all that a strategy may import, before the doors close."""
    for name in (*sorted(MODULES), *_LOADED_LATE):
        builtins.__import__(name)
    ZoneInfo("Asia/Kolkata")
