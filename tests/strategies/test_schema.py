"""The JSON Schema of settings says what `Strategy(**given)` accepts."""

from jsonschema import Draft202012Validator

from trading.strategies import registry
from trading.strategies.domain import Strategy, choice, clock_time, flag, instrument, integer, number
from trading.strategies.domain.schema import settings_schema


class Example(Strategy):
    length = integer("Length", 14, minimum=2, maximum=100)
    width = number("Width", 2.0, minimum=0.5, maximum=5)
    side = choice("Side", ("both", "long"))
    trail = flag("Trail")
    exit_at = clock_time("Exit", "15:10")
    other = instrument("Against", "NSE:INFY")


def test_each_kind_of_setting_has_its_json_type_bounds_and_default() -> None:
    assert settings_schema(Example.parameters()) == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "length": {
                "type": "integer",
                "title": "Length",
                "default": 14,
                "minimum": 2,
                "maximum": 100,
                "x-step": 1,
            },
            "width": {
                "type": "number",
                "title": "Width",
                "default": 2.0,
                "minimum": 0.5,
                "maximum": 5.0,
                "x-step": 0.1,
            },
            "side": {"type": "string", "title": "Side", "default": "both", "enum": ["both", "long"]},
            "trail": {"type": "boolean", "title": "Trail", "default": False},
            "exit_at": {
                "type": "string",
                "title": "Exit",
                "default": "15:10",
                "pattern": r"^([01]\d|2[0-3]):[0-5]\d$",
                "x-kind": "clock",
            },
            "other": {
                "type": "string",
                "title": "Against",
                "default": "NSE:INFY",
                "minLength": 1,
                "maxLength": 100,
                "x-kind": "symbol",
            },
        },
    }


def test_the_schemas_of_the_house_are_valid_and_accept_the_defaults() -> None:
    for strategy in registry.all():
        schema = settings_schema(strategy.parameters())
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(dict(strategy().values))
