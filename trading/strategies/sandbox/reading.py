"""What a strategy says of itself, read in its own process and stored with its text."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from core.errors import InvalidInput
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.indicators.parameters import Kind as SettingKind
from trading.marketdata.domain.indicators.parameters import Parameter
from trading.strategies.domain.strategy import Doc, Kind, SignalStrategy, Strategy
from trading.strategies.domain.validation import HOOKS, MOST_SETTINGS, faults_of, hooks_of

from .limits import Limits
from .process import SandboxDied, StrategyProcess, StrategyRaised
from .rules import CodeFault, source_faults

SETTING = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,62}")
_LONGEST = 100_000
_MOST_SYMBOLS = 10_000
_Paragraph = Annotated[str, Meta(max_length=4000)]


@dataclass(frozen=True, slots=True)
class DocText:
    """`Doc`, bounded: it comes from a process that is not trusted."""

    idea: _Paragraph
    rules: _Paragraph
    fails_when: _Paragraph


@dataclass(frozen=True, slots=True)
class Description:
    """The face of a strategy without its code."""

    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    kind: Kind
    doc: DocText
    intervals: Annotated[tuple[Interval, ...], Meta(min_length=1, max_length=8)]
    symbols_wanted: tuple[Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=1)]]
    parameters: Annotated[tuple[Parameter, ...], Meta(max_length=MOST_SETTINGS)]
    hooks: tuple[str, ...]
    is_signals: bool
    has_conflict: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, plain: Any) -> "Description":
        """Raises msgspec.ValidationError."""
        return msgspec.convert(plain, cls, strict=False)


class CodeRefused(Exception):
    """A text is no strategy that could be run; `faults` say why."""

    def __init__(self, faults: Iterable[CodeFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


def describe(source: str, limits: Limits) -> Description:
    """Check a text by the rules, run it closed off, and have it say what it is.

    Raises:
        CodeRefused: with every fault that was found.
    """
    if faults := source_faults(source):
        raise CodeRefused(faults)
    try:
        with StrategyProcess(limits) as process:
            answer = process.request("describe", source)
    except StrategyRaised as error:
        raise CodeRefused([CodeFault(error.line, error.words)]) from error
    except SandboxDied as error:
        line = None if error.place is None else error.place.line
        raise CodeRefused([CodeFault(line, error.words)]) from error
    if not isinstance(answer, dict):
        raise CodeRefused([CodeFault(None, "It says nothing of itself.")])
    match answer.get("faults"):
        case [_, *_] as reasons:
            raise CodeRefused(CodeFault(None, str(reason)[:500]) for reason in reasons[:50])
    try:
        found = Description.from_json(answer["description"])
    except (msgspec.ValidationError, KeyError) as error:
        raise CodeRefused([CodeFault(None, f"What it says of itself cannot be read: {error}"[:500])]) from error
    if unfit := _unfit(found):
        raise CodeRefused([CodeFault(None, f"What it says of itself cannot be kept: {unfit}.")])
    return found


def _unfit(found: Description) -> str:
    """What in a description a class cannot be made of or a database cannot hold. The house's own reader of a class
    says nothing of the kind; whoever has taken over the process may."""
    taken = {*dir(SignalStrategy), "values"}
    names = [each.name for each in found.parameters]
    for parameter in found.parameters:
        name = parameter.name
        if not SETTING.fullmatch(name) or name in taken or names.count(name) > 1 or not _is_sound(parameter):
            return f"a setting {name[:40]!r}"
    if found.symbols_wanted[1] > _MOST_SYMBOLS or found.symbols_wanted[0] > found.symbols_wanted[1]:
        return "how many instruments it wants"
    if strange := [name for name in found.hooks if name not in HOOKS]:
        return f"a hook {strange[0][:40]!r}"
    told = json.dumps(found.to_json())
    if len(told) > _LONGEST:
        return f"more than {_LONGEST:,} characters"
    if "\\u0000" in told.replace("\\\\", ""):
        return "a null character"
    return ""


def _is_sound(parameter: Parameter) -> bool:
    """Whether its bounds are numbers and its default keeps them."""
    bounds = (parameter.minimum, parameter.maximum, parameter.step)
    if not all(isfinite(each) for each in bounds if each is not None):
        return False
    if parameter.kind in (SettingKind.INTEGER, SettingKind.NUMBER) and None in bounds[:2]:
        return False
    try:
        parameter.read(parameter.default)
    except InvalidInput:
        return False
    return True


def faults_in(strategy: type[Strategy]) -> tuple[str, ...]:
    """Why a class cannot be run; documentation is its author's own affair."""
    return faults_of(strategy, needs_doc=False)


def description_of(strategy: type[Strategy]) -> dict[str, Any]:
    """What a class says, as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(
        {
            "key": strategy.key,
            "title": strategy.title,
            "kind": strategy.kind,
            "doc": asdict(strategy.doc if isinstance(strategy.doc, Doc) else Doc("", "", "")),
            "intervals": strategy.intervals,
            "symbols_wanted": strategy.symbols_wanted,
            "parameters": strategy.parameters(),
            "hooks": hooks_of(strategy),
            "is_signals": issubclass(strategy, SignalStrategy),
            "has_conflict": strategy.conflict is not Strategy.conflict,
        }
    )
    return plain
