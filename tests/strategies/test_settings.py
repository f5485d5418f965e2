"""Settings declared as class attributes are values on an instance and declarations on the class."""

from datetime import time

import pytest

from core.errors import InvalidInput
from trading.strategies.domain import Strategy, choice, clock_time, flag, instrument, integer, number


class Base(Strategy):
    length = integer("Length", 14, minimum=2, maximum=100)


class Example(Base):
    width = number("Width", 2.0, minimum=0.5, maximum=5)
    side = choice("Side", ("both", "long"))
    trail = flag("Trail")
    exit_at = clock_time("Exit", "15:10")
    other = instrument("Against", "NSE:INFY")

    def conflict(self) -> str | None:
        return "a trailing exit needs a width of 1" if self.trail and self.width < 1 else None


def test_defaults_and_given_values_are_read_by_kind() -> None:
    example = Example(width="1.5", trail="true", exit_at="09:45:00")
    assert (example.length, example.width, example.side, example.trail) == (14, 1.5, "both", True)
    assert example.exit_at == time(9, 45)
    assert example.other == "NSE:INFY"
    assert [each.name for each in Example.parameters()] == ["length", "width", "side", "trail", "exit_at", "other"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"length": 1}, "parameter_out_of_bounds"),
        ({"length": 2.5}, "parameter_invalid"),
        ({"trail": "perhaps"}, "parameter_invalid"),
        ({"exit_at": "25:00"}, "parameter_invalid"),
        ({"exit_at": 930}, "parameter_invalid"),
        ({"side": "short"}, "parameter_invalid"),
        ({"unheard": 1}, "parameter_unknown"),
        ({"trail": True, "width": 0.5}, "parameters_conflict"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_code(given: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Example(**given)
    assert refusal.value.code == code
