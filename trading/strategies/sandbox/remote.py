"""Inside a strategy's process: the context and the setup that it is handed, which ask the house over the pipe."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import nan
from random import Random
from typing import Any

import core.errors
from core.errors import SaudaError
from trading.strategies.domain.context import Context
from trading.strategies.domain.strategy import Setup

Ask = Callable[..., Any]
"""Sends a question and waits for its answer; raises what the house refused with."""

CALLS = frozenset(name for name, value in vars(Context).items() if callable(value) and not name.startswith("_"))
VALUES = frozenset(name for name, value in vars(Context).items() if isinstance(value, property))
DECLARATIONS = frozenset(
    name for name, value in vars(Setup).items() if callable(value) and not name.startswith("_")
)


class RemoteLine:
    """A line by its number; the two latest values come with every hook."""

    __slots__ = ("_ask", "_number", "before", "now")

    def __init__(self, ask: Ask, number: int) -> None:
        self._ask, self._number = ask, number
        self.now = self.before = nan

    def at(self, ago: int) -> float:
        """As `Line.at`."""
        if ago in (0, 1):
            return self.before if ago else self.now
        value: float = self._ask("line", self._number, ago)
        return value


class RemoteSetup:
    """See `Setup`."""

    def __init__(self, ask: Ask, symbols: tuple[str, ...], interval: Any) -> None:
        self._ask, self.symbols, self.interval = ask, symbols, interval
        self.lines: list[RemoteLine] = []

    def indicator(self, name: str, **wanted: Any) -> RemoteLine:
        number = self._ask("call", "indicator", (name,), wanted)
        line = RemoteLine(self._ask, number)
        self.lines.append(line)
        return line


class RemoteContext:
    """See `Context`; `now` comes with every hook, all else is asked for."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.now: datetime | None = None
        self._random: Random | None = None

    @property
    def random(self) -> Random:
        """Numbers that are the same for the same seed of the run."""
        if self._random is None:
            self._random = Random(self._ask("get", "random"))
        return self._random


def _asking(name: str) -> Callable[..., Any]:
    def call(self: Any, *values: Any, **named: Any) -> Any:
        return self._ask("call", name, values, named)

    return call


def _getting(name: str) -> property:
    return property(lambda self: self._ask("get", name))


for _name in CALLS:
    setattr(RemoteContext, _name, _asking(_name))
for _name in VALUES - {"now", "random"}:
    setattr(RemoteContext, _name, _getting(_name))
for _name in DECLARATIONS - {"indicator"}:
    setattr(RemoteSetup, _name, _asking(_name))


def refusal_of(kind: str, detail: str, code: str) -> Exception:
    """An error of the house, as the strategy may catch it."""
    error = getattr(core.errors, kind, None)
    if isinstance(error, type) and issubclass(error, SaudaError):
        return error(detail, code=code)
    return {"TypeError": TypeError, "KeyError": KeyError}.get(kind, ValueError)(detail)


def fed(lines: Sequence[RemoteLine], values: Sequence[float]) -> None:
    """Give every line its two latest values: of the present bar, of the one before, line after line."""
    for place, line in enumerate(lines):
        line.now, line.before = values[2 * place], values[2 * place + 1]
