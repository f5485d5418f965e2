"""A strategy whose code runs elsewhere: to the rest of the house a class like any other."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np

from core.errors import InvalidInput
from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.parameters import Parameter, Value
from trading.strategies.domain.context import Context
from trading.strategies.domain.lines import Line
from trading.strategies.domain.settings import Setting
from trading.strategies.domain.strategy import Doc, Setup, Signals, SignalStrategy, Strategy

from .limits import Limits
from .process import StrategyProcess
from .reading import Description
from .remote import CALLS, DECLARATIONS, VALUES
from .wire import greeks_view


class _Remote(Strategy):
    """What both kinds share. The process starts when it is first needed and ends with the object."""

    _source: ClassVar[str] = ""
    _limits: ClassVar[Limits] = Limits()
    _has_conflict: ClassVar[bool] = False

    def __init__(self, **given: object) -> None:
        self._process: StrategyProcess | None = None
        self._lines: list[Line] = []
        super().__init__(**given)

    def conflict(self) -> str | None:
        if not self._has_conflict:
            return None
        return self._started()[1]

    def setup(self, setup: Setup) -> None:
        self._lines = []
        self._ask("setup", list(setup.symbols), setup.interval, answer=lambda *asked: self._declare(setup, *asked))

    def close(self) -> None:
        """End its process now, instead of when the object goes."""
        if self._process is not None:
            self._process.close()

    def _ask(self, verb: str, *arguments: Any, answer: Any = None) -> Any:
        process, _ = self._started()
        return process.request(verb, *arguments, answer=answer)

    def _started(self) -> tuple[StrategyProcess, str | None]:
        if self._process is not None:
            return self._process, None
        self._process = StrategyProcess(self._limits)
        self._process.request("load", self._source)
        reason = self._process.request("make", dict(self.values))
        return self._process, None if reason is None else str(reason)[:300]

    def _declare(self, setup: Setup, question: str, rest: list[Any]) -> Any:
        match question, rest:
            case "call", [str(name), tuple(values), dict(named)] if name in DECLARATIONS:
                found = getattr(setup, name)(*values, **named)
                if name != "indicator":
                    return None
                self._lines.append(found)
                return len(self._lines) - 1
        raise TypeError("nothing like that can be declared")

    def _hook(self, name: str, ctx: Context, *arguments: Any) -> None:
        values = [value for line in self._lines for value in (line.now, line.before)]
        self._ask("hook", name, ctx.now, values, list(arguments), answer=lambda *asked: self._answer(ctx, *asked))

    def _answer(self, ctx: Any, question: str, rest: list[Any]) -> Any:
        match question, rest:
            case "call", [str(name), tuple(values), dict(named)] if name in CALLS:
                found = getattr(ctx, name)(*values, **named)
                return greeks_view(found) if name == "greeks" else found
            case "get", ["random"]:
                return ctx.random.getrandbits(32)
            case "get", [str(name)] if name in VALUES:
                return getattr(ctx, name)
            case "line", [int(number), int(ago)] if 0 <= number < len(self._lines):
                return self._lines[number].at(ago)
        raise TypeError("a context has nothing like that")


class _RemoteSignals(_Remote, SignalStrategy):
    """A signal strategy elsewhere."""

    def setup(self, setup: Setup) -> None:
        """Its lines are declared by `lines`."""

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        found = self._ask("lines")
        if not isinstance(found, dict):
            raise InvalidInput("`lines` must return a mapping.", code="lines_invalid")
        lines: dict[str, tuple[str, Mapping[str, Value]]] = {}
        for name, wanted in found.items():
            match wanted:
                case [str(indicator), dict(parameters)]:
                    lines[name] = indicator, parameters
                case _:
                    raise InvalidInput("A line is (indicator, parameters).", code="lines_invalid")
        return lines

    def signals(self, bars: Bars, lines: Mapping[str, Mapping[str, FloatArray]]) -> Signals:
        columns = {each.name: getattr(bars, each.name) for each in fields(Bars)}
        found = self._ask("signals", columns, lines)
        if not isinstance(found, np.ndarray) or found.shape != (len(bars),):
            raise InvalidInput("Signals are one number for each bar.", code="signals_invalid")
        if found.dtype != np.int8:
            raise InvalidInput("Signals are of type int8.", code="signals_invalid")
        return found


def own_strategy(key: str, source: str, description: Description, limits: Limits) -> type[Strategy]:
    """A class under `key` whose code is `source`, run in a process of its own for each object of it."""
    doc = description.doc
    names: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": description.title,
        "key": key,
        "title": description.title,
        "kind": description.kind,
        "doc": Doc(doc.idea, doc.rules, doc.fails_when),
        "intervals": description.intervals,
        "symbols_wanted": description.symbols_wanted,
        "_source": source,
        "_limits": limits,
        "_has_conflict": description.has_conflict,
    }
    for parameter in description.parameters:
        names[parameter.name] = _setting(parameter)
    for hook in description.hooks:
        names[hook] = _forward(hook)
    return type("OwnStrategy", (_RemoteSignals if description.is_signals else _Remote,), names)


def source_of(strategy: type[Strategy]) -> str | None:
    """The text that a class of `own_strategy` runs; None of any other class."""
    return strategy._source if issubclass(strategy, _Remote) else None


def _setting(parameter: Parameter) -> Setting[Any]:
    bounds = {name: getattr(parameter, name) for name in ("minimum", "maximum", "step", "choices")}
    return Setting(parameter.kind, parameter.title, parameter.default, **bounds)


def _forward(name: str) -> Callable[..., None]:
    def hook(self: _Remote, ctx: Context, *arguments: Any) -> None:
        self._hook(name, ctx, *arguments)

    hook.__name__ = name
    return hook
