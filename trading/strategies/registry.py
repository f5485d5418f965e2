"""Which strategies there are: those of the house, those of installed packages, and files in the desk's folder.

What an organisation's members write on the page lies in the database: `selectors.catalogue` joins both.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import structlog
from django.conf import settings

from core.errors import NotFound

from . import catalogue
from .domain.strategy import Kind, Strategy
from .domain.validation import faults_of
from .sandbox import CodeRefused, Limits, describe, own_strategy, source_of

ENTRY_POINTS = "sauda.strategies"
"""The group under which an installed package names its strategies: `key = "package.module:Class"`."""

_KINDS = list(Kind)
_log = structlog.get_logger(__name__)


class Origin(StrEnum):
    """Where a strategy comes from."""

    HOUSE = "house"
    PACKAGE = "package"
    FOLDER = "folder"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Listed:
    """A strategy that can be run, and where it was found: `source` names the module, the entry point, the file, or
    the version of an organisation's own."""

    strategy: type[Strategy]
    origin: Origin
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that calls itself a strategy and cannot be run, with every reason."""

    source: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """What was found, by kind and title, and what was left out."""

    listed: tuple[Listed, ...]
    faults: tuple[Fault, ...]


def all() -> tuple[type[Strategy], ...]:
    """Every strategy of the installation, by kind and title."""
    return tuple(each.strategy for each in registry().listed)


def get(key: str) -> type[Strategy]:
    """The installation's strategy of that key. Raises NotFound, `unknown_strategy`."""
    return listed(key).strategy


def listed(key: str) -> Listed:
    """The same with its origin. Raises NotFound, `unknown_strategy`."""
    found = next((each for each in registry().listed if each.strategy.key == key), None)
    if found is None:
        raise NotFound("There is no such strategy.", code="unknown_strategy")
    return found


@cache
def registry() -> Registry:
    """Found once a process; `registry.cache_clear()` has it look again."""
    return gathered([*_house(), *_packages(), *_folder()])


def digest(strategy: type[Strategy]) -> str:
    """SHA-256 of the text that a strategy is written in: of own code that text, of any other its module's; what it
    imports is not looked at. Empty where there is no text."""
    text = source_of(strategy) or _module_text(strategy.__module__)
    return sha256(text.encode()).hexdigest() if text else ""


@cache
def _module_text(name: str) -> str:
    try:
        return inspect.getsource(sys.modules[name])
    except (KeyError, OSError, TypeError):
        return ""


def sandbox_limits() -> Limits:
    """What a process of a strategy may have on this installation."""
    return Limits(**settings.STRATEGY_SANDBOX)


def gathered(found: Iterable[Listed | Fault]) -> Registry:
    """Sound strategies, each key once: of two the first stays. What is not sound is logged and told, never raised:
    one bad package must not take the others away."""
    by_key: dict[str, Listed] = {}
    faults = []
    for each in found:
        reasons = _reasons(each, by_key)
        if isinstance(each, Listed) and not reasons:
            by_key[each.strategy.key] = each
        else:
            faults.append(Fault(each.source, reasons))
            _log.warning("strategy_left_out", source=each.source, reasons=reasons)
    ranked = sorted(by_key.values(), key=lambda each: (_KINDS.index(each.strategy.kind), each.strategy.title))
    return Registry(tuple(ranked), tuple(faults))


def _reasons(found: Listed | Fault, taken: dict[str, Listed]) -> tuple[str, ...]:
    if isinstance(found, Fault):
        return found.reasons
    if (other := taken.get(found.strategy.key)) is not None:
        return (f"The key `{found.strategy.key}` is taken by {other.source}.",)
    # A file of the folder was checked inside its own process, where its code is.
    return () if found.origin is Origin.FOLDER else faults_of(found.strategy)


def _house() -> Iterator[Listed]:
    for module in pkgutil.walk_packages(catalogue.__path__, f"{catalogue.__name__}."):
        for strategy in strategies_in(importlib.import_module(module.name)):
            yield Listed(strategy, Origin.HOUSE, module.name)


def strategies_in(module: ModuleType) -> Iterator[type[Strategy]]:
    """The strategies that a module defines itself; a class without a key is a base of others."""
    for _, value in inspect.getmembers(module, inspect.isclass):
        if issubclass(value, Strategy) and value.key and value.__module__ == module.__name__:
            yield value


def _packages() -> Iterator[Listed | Fault]:
    for entry in entry_points(group=ENTRY_POINTS):
        source = f"{entry.name} = {entry.value}"
        try:
            value = entry.load()
        except Exception as error:  # noqa: BLE001 - a stranger's module raises what it likes while it is imported; it is told as a fault
            yield Fault(source, (f"It cannot be imported: {error!r}",))
            continue
        if isinstance(value, type) and issubclass(value, Strategy):
            yield Listed(value, Origin.PACKAGE, source)
        else:
            yield Fault(source, ("It is no subclass of Strategy.",))


def _folder() -> Iterator[Listed | Fault]:
    """The desk's own files, `*.py` in `STRATEGY_FOLDER`; each runs in a process of its own, as members' code."""
    if not settings.STRATEGY_FOLDER:
        return
    folder = Path(settings.STRATEGY_FOLDER)
    if not folder.is_dir():
        yield Fault(str(folder), ("There is no such folder.",))
        return
    for path in sorted(folder.glob("*.py")):
        try:
            source = path.read_text(encoding="utf-8")
            found = describe(source, sandbox_limits())
        except CodeRefused as refusal:
            yield Fault(path.name, tuple(map(str, refusal.faults)))
        except (OSError, UnicodeDecodeError) as error:
            yield Fault(path.name, (f"It cannot be read: {error}",))
        else:
            yield Listed(own_strategy(found.key, source, found, sandbox_limits()), Origin.FOLDER, path.name)
