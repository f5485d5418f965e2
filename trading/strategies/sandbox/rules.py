"""What the text of a strategy may say. The rules catch mistakes and crude attempts, with the line; what keeps a
determined attacker in is the process (`confinement`)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_SOURCE = 100_000

MODULES = frozenset(
    {
        "__future__",
        "bisect",
        "collections",
        "collections.abc",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "math",
        "numpy",
        "numpy.lib.stride_tricks",
        "numpy.typing",
        "operator",
        "random",
        "statistics",
        "typing",
        "trading.marketdata.domain.indicators.bars",
        "trading.marketdata.domain.indicators.parameters",
        "trading.strategies.domain",
        "trading.strategies.domain.signals",
        "trading.strategies.domain.strategy",
    }
)
"""What may be imported; all of it is loaded before the process is closed off."""

FORBIDDEN_NAMES = frozenset(
    {
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "getattr",
        "globals",
        "help",
        "input",
        "locals",
        "memoryview",
        "open",
        "quit",
        "setattr",
        "vars",
    }
)
_DUNDERS = frozenset(
    {"__init__", "__name__", "__post_init__", "__len__", "__eq__", "__hash__", "__lt__", "__repr__"}
)
_FRAMES = frozenset(
    {"gi_frame", "gi_code", "cr_frame", "f_back", "f_globals", "f_locals", "f_builtins", "tb_frame"}
)
_FILES = frozenset(
    {
        "ctypeslib",
        "fromfile",
        "genfromtxt",
        "load",
        "loadtxt",
        "memmap",
        "save",
        "savetxt",
        "savez",
        "tofile",
        "dump",
    }
)
_CLOCKS = frozenset({"now", "today", "utcnow"})
_CLOCK_OWNERS = frozenset({"datetime", "date", "time"})


@dataclass(frozen=True, slots=True)
class CodeFault:
    """What is wrong with a text; `line` counts from 1, None where it is the text as a whole."""

    line: int | None
    message: str

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


def source_faults(source: str) -> tuple[CodeFault, ...]:
    """Everything in a text that the rules forbid, by line; a text that is no Python has one fault."""
    if len(source) > LARGEST_SOURCE:
        return (CodeFault(None, f"The text is longer than {LARGEST_SOURCE:,} characters."),)
    if "\0" in source:
        return (CodeFault(None, "The text contains a null character."),)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return (CodeFault(error.lineno, f"This is not Python: {error.msg}."),)
    except (RecursionError, MemoryError, ValueError):
        return (CodeFault(None, "The text is nested too deeply to be read."),)
    found = {fault for node in ast.walk(tree) for fault in _faults_of(node)}
    return tuple(sorted(found, key=lambda fault: (fault.line or 0, fault.message)))


def _faults_of(node: ast.AST) -> Iterator[CodeFault]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                if alias.name not in MODULES:
                    yield CodeFault(node.lineno, f"`{alias.name}` cannot be imported here.")
        case ast.ImportFrom(module=module, level=level):
            if level or module not in MODULES:
                yield CodeFault(node.lineno, f"`{'.' * level}{module or ''}` cannot be imported here.")
            elif any(alias.name == "*" for alias in node.names):
                yield CodeFault(node.lineno, "Import what is needed by name.")
        case ast.Name(id=name) if name in FORBIDDEN_NAMES or (name.startswith("__") and name not in _DUNDERS):
            yield CodeFault(node.lineno, f"`{name}` is not available to a strategy.")
        case ast.Attribute(attr=attribute):
            yield from _attribute_faults(node, attribute)
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            yield CodeFault(node.lineno, "Hooks are plain functions: no async.")
        case ast.Global():
            yield CodeFault(node.lineno, "Keep values on `self`, or by `ctx.remember`, not in globals.")


def _attribute_faults(node: ast.Attribute, attribute: str) -> Iterator[CodeFault]:
    if (attribute.startswith("__") and attribute not in _DUNDERS) or attribute in _FRAMES:
        yield CodeFault(node.lineno, f"`.{attribute}` is not available to a strategy.")
    elif attribute in _FILES:
        yield CodeFault(node.lineno, f"`.{attribute}` reads or writes files; a strategy has none.")
    elif attribute in _CLOCKS and isinstance(node.value, ast.Name | ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        if owner in _CLOCK_OWNERS:
            yield CodeFault(
                node.lineno, f"`{owner}.{attribute}` is the computer's clock; market time is `ctx.now`."
            )
