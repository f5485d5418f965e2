"""How values look in JSON, how lists are paged, how nested errors are told."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from core.api.fields import InstantField, PriceField
from core.problems import problem_from


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_price_survives_the_round_trip(price: Decimal) -> None:
    field = PriceField()
    assert field.run_validation(field.to_representation(price)) == price


@pytest.mark.parametrize(
    ("value", "text"),
    [("2450", "2450.00"), ("2450.05", "2450.05"), ("0.0025", "0.0025"), ("1E+3", "1000.00"), ("-0.5", "-0.50")],
)
def test_a_price_is_a_plain_decimal_string(value: str, text: str) -> None:
    assert PriceField().to_representation(Decimal(value)) == text


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e400", "abc", "", None, True, [], 10**20])
def test_nonsense_is_no_price(bad: object) -> None:
    with pytest.raises(ValidationError):
        PriceField().run_validation(bad if bad is not None else empty)


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValidationError, match="offset"):
        InstantField().run_validation("2026-11-02T09:15:00")
    assert InstantField().run_validation("2026-11-02T09:15:00+05:30").utcoffset() is not None


def test_nested_errors_become_dotted_fields() -> None:
    problem = problem_from(ValidationError({"legs": [{}, {"price": ["Not a price."]}], "side": ["Choose."]}))
    assert problem.status == 400
    assert problem.errors == {"legs.1.price": ["Not a price."], "side": ["Choose."]}
