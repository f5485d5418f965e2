"""The settings of a strategy as JSON Schema (draft 2020-12), for the API and for forms."""

from collections.abc import Iterable
from typing import Any

from trading.marketdata.domain.indicators.parameters import Kind, Parameter

_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


def settings_schema(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """An object with one property a setting; nothing else is allowed in it, and nothing is required.

    `x-step` is what a form's arrows and a sweep's grid move a number by; values between the steps are valid.
    `x-kind` tells a form what to draw where the JSON type does not: `symbol`, `clock`.
    """
    return {
        "type": "object",
        "properties": {each.name: _property(each) for each in parameters},
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    shape: dict[str, Any] = {"title": parameter.title, "default": parameter.default}
    match parameter.kind:
        case Kind.INTEGER:
            return {"type": "integer", **shape, **_bounds(parameter, int)}
        case Kind.NUMBER:
            return {"type": "number", **shape, **_bounds(parameter, float)}
        case Kind.CHOICE:
            return {"type": "string", **shape, "enum": list(parameter.choices)}
        case Kind.FLAG:
            return {"type": "boolean", **shape}
        case Kind.CLOCK:
            return {"type": "string", **shape, "pattern": _CLOCK, "x-kind": "clock"}
        case Kind.SYMBOL:
            return {"type": "string", **shape, "minLength": 1, "maxLength": 100, "x-kind": "symbol"}


def _bounds(parameter: Parameter, of: type[int] | type[float]) -> dict[str, Any]:
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum, "x-step": parameter.step}
    return {name: of(value) for name, value in bounds.items() if value is not None}
