"""The settings of an indicator: their kinds, bounds, and what is told of a wrong one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from math import isfinite
from typing import NoReturn

from core.errors import InvalidInput

Value = int | float | str | bool


class Kind(StrEnum):
    """What a parameter's value is."""

    INTEGER = "integer"
    NUMBER = "number"
    CHOICE = "choice"
    SYMBOL = "symbol"
    FLAG = "flag"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting. `minimum`, `maximum` and `step` are for numbers, `choices` for a choice."""

    name: str
    title: str
    kind: Kind
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()

    def read(self, given: object) -> Value:
        """The value of what a caller gave, text or number.

        Raises:
            InvalidInput: `parameter_invalid` for another kind of value, `parameter_out_of_bounds`.
        """
        if self.kind is Kind.CHOICE:
            return self._choice(given)
        if self.kind is Kind.SYMBOL:
            return self._symbol(given)
        if self.kind is Kind.FLAG:
            return self._flag(given)
        if self.kind is Kind.CLOCK:
            return self._clock(given)
        number = self._number(given)
        if not (self.minimum or 0.0) <= number <= (self.maximum or 0.0):
            raise _refusal(
                "parameter_out_of_bounds", self.name, f"Must be from {self.minimum:g} to {self.maximum:g}."
            )
        return int(number) if self.kind is Kind.INTEGER else number

    def _choice(self, given: object) -> str:
        if given not in self.choices:
            raise _refusal("parameter_invalid", self.name, f"Must be one of {', '.join(self.choices)}.")
        return str(given)

    def _symbol(self, given: object) -> str:
        if not isinstance(given, str) or not 0 < len(given) <= 100:
            raise _refusal("parameter_invalid", self.name, "Must be an instrument's key.")
        return given

    def _flag(self, given: object) -> bool:
        if isinstance(given, bool):
            return given
        if isinstance(given, str) and given.lower() in ("true", "false"):
            return given.lower() == "true"
        raise _refusal("parameter_invalid", self.name, "Must be true or false.")

    def _clock(self, given: object) -> str:
        try:
            return time.fromisoformat(given).strftime("%H:%M") if isinstance(given, str) else self._no_clock()
        except ValueError:
            return self._no_clock()

    def _no_clock(self) -> NoReturn:
        raise _refusal("parameter_invalid", self.name, "Must be a time of the day, such as 09:30.")

    def _number(self, given: object) -> float:
        wanted = "a whole number" if self.kind is Kind.INTEGER else "a number"
        try:
            number = float(given) if isinstance(given, int | float | str) and not isinstance(given, bool) else None
        except (ValueError, OverflowError):
            number = None
        if number is None or not isfinite(number) or (self.kind is Kind.INTEGER and number != int(number)):
            raise _refusal("parameter_invalid", self.name, f"Must be {wanted}.")
        return number


def integer(name: str, title: str, default: int, minimum: int, maximum: int) -> Parameter:
    """A whole number, both bounds included."""
    return Parameter(
        name=name, title=title, kind=Kind.INTEGER, default=default, minimum=minimum, maximum=maximum, step=1
    )


def number(name: str, title: str, default: float, minimum: float, maximum: float, step: float = 0.1) -> Parameter:
    """A number, both bounds included; `step` is what a form's arrows move it by."""
    return Parameter(
        name=name, title=title, kind=Kind.NUMBER, default=default, minimum=minimum, maximum=maximum, step=step
    )


def choice(name: str, title: str, choices: tuple[str, ...]) -> Parameter:
    """One of several words, the first by default."""
    return Parameter(name=name, title=title, kind=Kind.CHOICE, default=choices[0], choices=choices)


def symbol(name: str, title: str, default: str) -> Parameter:
    """The key of another instrument."""
    return Parameter(name=name, title=title, kind=Kind.SYMBOL, default=default)


def read_all(parameters: tuple[Parameter, ...], given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter's value, the default where none is given, in the order of declaration.

    Raises:
        InvalidInput: `parameter_unknown` for a name that is no parameter, else as `Parameter.read`.
    """
    known = {parameter.name for parameter in parameters}
    for name in given:
        if name not in known:
            detail = f"Known parameters: {', '.join(sorted(known))}." if known else "There are no parameters."
            raise _refusal("parameter_unknown", name, detail)
    return {each.name: each.read(given[each.name]) if each.name in given else each.default for each in parameters}


def fast_below_slow(values: Mapping[str, Value]) -> str | None:
    """Why `fast` and `slow` do not go together, if they do not."""
    return None if float(values["fast"]) < float(values["slow"]) else "fast must be less than slow."


def _refusal(code: str, name: str, detail: str) -> InvalidInput:
    # A name of the caller's own making is echoed, so it is cut short.
    return InvalidInput(f"{name[:50]}: {detail}", code=code, errors={name[:50]: [detail]})
