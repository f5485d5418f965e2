"""What a shape means once its strikes can be set."""

from decimal import Decimal

import pytest

from trading.brokers.domain.terms import Side
from trading.orders.domain.option_choice import Right
from trading.orders.domain.shapes import SHAPES
from trading.strategies.catalogue.options.plan import plan_of, strike_beyond

LADDER = [Decimal(strike) for strike in (90, 95, 100, 105, 110)]


def test_the_leg_nearest_to_the_money_leads_and_the_wings_are_counted_from_it() -> None:
    plan = plan_of(SHAPES["iron-condor"], width=3)
    assert [(leg.side, leg.right, leg.leads, leg.beyond) for leg in plan] == [
        (Side.BUY, Right.CALL, False, 3),
        (Side.SELL, Right.CALL, True, 0),
        (Side.SELL, Right.PUT, True, 0),
        (Side.BUY, Right.PUT, False, 3),
    ]


def test_the_shorter_lived_leg_of_a_calendar_leads_and_the_later_one_is_at_its_strike() -> None:
    sold, bought = plan_of(SHAPES["call-calendar"])
    assert (sold.leads, sold.later) == (True, False)
    assert (bought.leads, bought.later, bought.beyond) == (False, True, 0)


def test_the_bought_leg_of_a_diagonal_is_nearer_to_the_money() -> None:
    _, bought = plan_of(SHAPES["call-diagonal"], width=4)
    assert (bought.later, bought.beyond) == (True, -4)


def test_without_a_width_wings_stand_as_the_shape_says() -> None:
    assert [leg.beyond for leg in plan_of(SHAPES["bull-call-spread"])] == [0, 2]


@pytest.mark.parametrize(
    ("right", "steps", "found"),
    [
        (Right.CALL, 1, 105),
        (Right.CALL, -1, 95),
        (Right.PUT, 1, 95),
        (Right.PUT, 2, 90),
        (Right.PUT, 3, None),
        (Right.CALL, 3, None),
    ],
)
def test_further_out_of_the_money_is_up_for_calls_and_down_for_puts(
    right: Right, steps: int, found: int | None
) -> None:
    assert strike_beyond(LADDER, Decimal(100), steps, right) == (None if found is None else Decimal(found))


def test_a_strike_that_is_not_on_the_ladder_has_nothing_beyond_it() -> None:
    assert strike_beyond(LADDER, Decimal(101), 1, Right.CALL) is None
