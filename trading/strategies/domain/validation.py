"""Whether a class is a strategy that the house can run: found when it is loaded, not in the middle of a session."""

import inspect
import re
from collections.abc import Iterator
from types import FunctionType

from core.errors import InvalidInput

from .strategy import SignalStrategy, Strategy

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
MOST_SETTINGS = 40

HOOKS = (
    "on_start",
    "on_session",
    "on_bar",
    "on_bars",
    "on_tick",
    "on_time",
    "on_fill",
    "on_order",
    "on_session_end",
)
"""What a strategy may write, in the order in which a day calls them."""
_DECLARING = ("setup", "conflict", "lines", "signals")


def hooks_of(strategy: type[Strategy]) -> tuple[str, ...]:
    """The hooks that a class writes itself; the others are never called for."""
    return tuple(name for name in HOOKS if getattr(strategy, name) is not getattr(Strategy, name))


def faults_of(strategy: type[Strategy], *, needs_doc: bool = True) -> tuple[str, ...]:
    """Everything that keeps a class from being run, in words for its author; empty when it is sound."""
    return tuple(_faults(strategy, needs_doc))


def _faults(strategy: type[Strategy], needs_doc: bool) -> Iterator[str]:
    if not KEY.fullmatch(strategy.key):
        yield "`key` must be 2 to 40 small letters, digits and underscores, beginning with a letter."
    if not 0 < len(strategy.title) <= 80:
        yield "`title` must have 1 to 80 characters."
    if needs_doc and not (strategy.doc.idea and strategy.doc.rules and strategy.doc.fails_when):
        yield "`doc` must say the idea, the rules and when it fails."
    if not strategy.intervals:
        yield "`intervals` must name at least one timeframe."
    least, most = strategy.symbols_wanted
    if not 1 <= least <= most:
        yield "`symbols_wanted` must be (at least, at most) with 1 ≤ at least ≤ at most."
    yield from _signature_faults(strategy)
    yield from _settings_faults(strategy)
    yield from _signals_faults(strategy)


def _signature_faults(strategy: type[Strategy]) -> Iterator[str]:
    for name in (*HOOKS, *_DECLARING):
        written, declared = getattr(strategy, name, None), getattr(SignalStrategy, name)
        if written is None or written is declared:
            continue
        wanted = list(inspect.signature(declared).parameters)
        if not isinstance(written, FunctionType) or inspect.iscoroutinefunction(written):
            yield f"`{name}` must be a plain method: def {name}({', '.join(wanted)})."
            continue
        try:
            inspect.signature(written).bind(*wanted)
        except TypeError:
            yield f"`{name}` must take ({', '.join(wanted)})."


def _settings_faults(strategy: type[Strategy]) -> Iterator[str]:
    parameters = strategy.parameters()
    if len(parameters) > MOST_SETTINGS:
        yield f"There are more than {MOST_SETTINGS} settings."
    sound = True
    for parameter in parameters:
        try:
            parameter.read(parameter.default)
        except InvalidInput as refusal:
            sound = False
            yield f"The default of `{parameter.name}` is not valid: {refusal.detail}"
    if sound:
        try:
            strategy()
        except InvalidInput as refusal:
            yield f"The defaults do not go together: {refusal.detail}"


def _signals_faults(strategy: type[Strategy]) -> Iterator[str]:
    if not issubclass(strategy, SignalStrategy):
        if not hooks_of(strategy):
            yield f"It does nothing: write one of {', '.join(HOOKS)}."
        return
    if strategy.signals is SignalStrategy.signals:
        yield "A SignalStrategy writes `signals`."
    if written := hooks_of(strategy):
        yield f"A SignalStrategy is its signals alone and writes no hooks: {', '.join(written)}."
    if strategy.symbols_wanted != (1, 1):
        yield "A SignalStrategy runs on one instrument: `symbols_wanted` is (1, 1)."
