from decimal import ROUND_DOWN, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import format_inr, from_paise, group_indian, is_on_tick, round_to_tick, rupee_text, to_paise

TICKS = st.sampled_from([Decimal(tick) for tick in ("0.01", "0.05", "0.10", "0.50", "1", "5")])


@given(st.integers(-(10**15), 10**15))
def test_paise_survive_the_way_to_rupees_and_back(paise: int) -> None:
    assert to_paise(from_paise(paise)) == paise


@given(st.integers(-(10**18), 10**18))
def test_the_text_of_paise_is_that_of_the_rupees(paise: int) -> None:
    assert rupee_text(paise) == str(from_paise(paise))


@pytest.mark.parametrize(("rupees", "paise"), [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("12.345", 1235)])
def test_a_fraction_of_a_paisa_rounds_half_up(rupees: str, paise: int) -> None:
    assert to_paise(Decimal(rupees)) == paise


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        to_paise(Decimal(amount))


@given(st.decimals("0.01", "100000", places=2), TICKS)
def test_rounding_lands_on_the_grid_within_one_tick(price: Decimal, tick: Decimal) -> None:
    down, up = round_to_tick(price, tick, ROUND_DOWN), round_to_tick(price, tick, ROUND_UP)
    assert is_on_tick(down, tick)
    assert is_on_tick(up, tick)
    assert down <= price <= up
    assert up - down in (0, tick)


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "₹0.00"),
        ("999.5", "₹999.50"),
        ("1000", "₹1,000.00"),
        ("1234567.8", "₹12,34,567.80"),
        ("123456789", "₹12,34,56,789.00"),
        ("-8412.6", "−₹8,412.60"),
        ("-0.001", "₹0.00"),
    ],
)
def test_rupees_are_grouped_the_indian_way(amount: str, written: str) -> None:
    assert format_inr(Decimal(amount)) == written


@given(st.integers(0, 10**18))
def test_grouping_only_adds_commas(number: int) -> None:
    assert group_indian(str(number)).replace(",", "") == str(number)
