"""The settings of a strategy, declared as class attributes: `fast = integer("Fast", 9, minimum=2, maximum=200)`.

On an instance the attribute is the value; on the class it is the declaration, from which forms, the API's schema
and sweeps are made.
"""

from datetime import time
from typing import Any, Generic, TypeVar, cast, overload

from trading.marketdata.domain.indicators.parameters import Kind, Parameter, Value

T = TypeVar("T", bound=int | float | str | bool | time)


class Setting(Generic[T]):
    """One declared setting; `parameter` is complete once the class exists."""

    parameter: Parameter

    def __init__(self, kind: Kind, title: str, default: Value, **bounds: Any) -> None:
        self._kind, self._title, self._default, self._bounds = kind, title, default, bounds

    def __set_name__(self, owner: type, name: str) -> None:
        self.parameter = Parameter(
            name=name, title=self._title, kind=self._kind, default=self._default, **self._bounds
        )

    @overload
    def __get__(self, instance: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> "Setting[T] | T":
        if instance is None:
            return self
        value = instance.values[self.parameter.name]
        return cast(T, time.fromisoformat(value) if self._kind is Kind.CLOCK else value)


def integer(title: str, default: int, *, minimum: int, maximum: int) -> Setting[int]:
    """A whole number, both bounds included."""
    return Setting(Kind.INTEGER, title, default, minimum=minimum, maximum=maximum, step=1)


def number(title: str, default: float, *, minimum: float, maximum: float, step: float = 0.1) -> Setting[float]:
    """A number, both bounds included; `step` is what a form's arrows and a sweep's grid move it by."""
    return Setting(Kind.NUMBER, title, default, minimum=minimum, maximum=maximum, step=step)


def choice(title: str, choices: tuple[str, ...]) -> Setting[str]:
    """One of several words, the first by default."""
    return Setting(Kind.CHOICE, title, choices[0], choices=choices)


def flag(title: str, default: bool = False) -> Setting[bool]:
    """Yes or no."""
    return Setting(Kind.FLAG, title, default)


def clock_time(title: str, default: str) -> Setting[time]:
    """A time of the trading day in India, "09:30"."""
    return Setting(Kind.CLOCK, title, default)


def instrument(title: str, default: str) -> Setting[str]:
    """The key of another instrument than the one the strategy runs on, "NSE:INFY"."""
    return Setting(Kind.SYMBOL, title, default)
