"""When options strategies enter, leave, come back and roll."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import InvalidInput
from trading.brokers.domain.terms import Product, Side
from trading.strategies.catalogue.options.base import OptionStrategy
from trading.strategies.catalogue.options.condors import IronCondor
from trading.strategies.catalogue.options.covered import CoveredCall
from trading.strategies.catalogue.options.spreads import BullPutSpread
from trading.strategies.catalogue.options.straddles import LongStraddle, ShortStraddle, ShortStrangle
from trading.strategies.catalogue.options.time_spreads import Calendar, Diagonal, DoubleCalendar

from .made_market import LOT, THURSDAYS, MadeMarket

MONDAY, THURSDAY = date(2022, 1, 3), date(2022, 1, 6)
PLAIN: dict[str, Any] = {"leg_stop": 0, "stop_percent": 0, "target_percent": 0}


def market(strategy: type[OptionStrategy] = ShortStraddle, **settings: Any) -> MadeMarket:
    made = MadeMarket(strategy(**(PLAIN | settings)))
    made.session(MONDAY)
    return made


def entered(made: MadeMarket) -> int:
    """How often it entered."""
    return sum(line.startswith("enter") for line in made.journal)


def test_it_enters_once_a_day_at_its_time_and_is_out_at_its_exit_time() -> None:
    made = market(entry_time="09:20", exit_time="15:15")
    made.at("09:19")
    assert not made.open
    made.at("09:20")
    assert sorted(made.open.values()) == [-LOT, -LOT]
    made.at("15:14")
    assert len(made.open) == 2
    made.at("15:15")
    assert not made.open
    made.at("15:16")
    assert entered(made) == 1


def test_bells_are_set_for_the_times_of_entry_and_exit() -> None:
    made = market(entry_time="09:20", exit_time="15:15")
    assert [(bell.strftime("%H:%M"), name) for bell, name in made.bells] == [("09:20", "entry"), ("15:15", "exit")]


def test_what_was_sold_is_bought_back_before_its_hedge_is_given_up() -> None:
    made = market(IronCondor, until="session")
    made.at("09:20")
    made.at("15:15")
    exits = [fill.side for fill in made.fills[4:]]
    assert exits == [Side.BUY, Side.BUY, Side.SELL, Side.SELL]


def test_a_weekday_that_is_not_chosen_is_left_alone() -> None:
    made = market(monday=False)
    made.at("09:20")
    assert not made.open
    made.session(date(2022, 1, 4))
    made.at("09:20")
    assert made.open


def test_days_to_expiry_bound_the_entry() -> None:
    made = market(fewest_days=0, most_days=1)
    for day in (3, 4, 5):
        made.session(date(2022, 1, day))
        made.at("09:20")
        assert bool(made.open) == (day == 5)


@pytest.mark.parametrize(
    ("least", "most", "enters"), [(0, 100, False), (100, 0, True), (100, 300, True), (300, 0, False)]
)
def test_net_premium_bounds_the_entry(least: float, most: float, enters: bool) -> None:
    made = market(least_premium=least, most_premium=most)
    made.at("09:20")
    assert 100 < -sum(fill.side.sign * fill.price for fill in made.fills) < 300 or not enters
    assert bool(made.open) == enters


def test_strikes_by_delta_and_by_premium() -> None:
    made = market(ShortStrangle, strike_choice="delta", delta=0.2)
    made.at("09:20")
    assert all(abs(abs(made.greeks(symbol).delta) - 0.2) < 0.05 for symbol in made.open)
    made = market(ShortStrangle, strike_choice="premium", premium=40)
    made.at("09:20")
    assert all(abs(made.price(symbol) - 40) < 8 for symbol in made.open)


def test_a_stop_in_per_cent_of_the_premium_ends_all() -> None:
    made = market(stop_percent=20)
    made.at("09:20")
    premium = sum((fill.price * fill.quantity for fill in made.fills), Decimal(0))
    made.spot += 90
    made.at("09:30")
    assert made.open
    assert made.profit > premium * -20 / 100
    made.spot += 140
    made.at("09:31")
    assert not made.open
    assert made.profit <= premium * -20 / 100


def test_a_stop_in_rupees_and_a_target_in_rupees() -> None:
    made = market(LongStraddle, stop_rupees=1000, target_rupees=3000)
    made.at("09:20")
    made.volatility = 0.14
    made.at("09:30")
    assert not made.open
    assert "out: stop" in made.journal
    made = market(LongStraddle, stop_rupees=1000, target_rupees=3000)
    made.at("09:20")
    made.spot += 300
    made.at("09:30")
    assert "out: target" in made.journal
    assert made.profit >= 3000


def test_a_leg_that_is_stopped_goes_alone() -> None:
    made = market(leg_stop=30)
    made.at("09:20")
    made.spot += 120
    made.at("10:00")
    (left,) = made.open
    assert left.endswith("PE")
    made.at("15:15")
    assert not made.open


def test_a_stopped_leg_can_end_all_or_move_the_others_to_their_entry_price() -> None:
    made = market(leg_stop=30, after_leg_stop="all")
    made.at("09:20")
    made.spot += 120
    made.at("10:00")
    assert not made.open
    made = market(leg_stop=30, after_leg_stop="cost")
    made.at("09:20")
    made.spot += 120
    made.at("10:00")
    assert len(made.open) == 1
    made.spot -= 110
    made.at("10:01")
    assert len(made.open) == 1, "below its entry still"
    made.spot -= 40
    made.at("10:02")
    assert not made.open, "above its entry, though not by 30 %"


def test_a_wing_goes_with_the_leg_it_hedges() -> None:
    made = market(IronCondor, leg_stop=40, distance=2, width=3, until="session")
    made.at("09:20")
    made.spot += 120
    made.at("10:00")
    assert {symbol[-2:] for symbol in made.open} == {"PE"}
    assert sorted(made.open.values()) == [-LOT, LOT]


def test_a_net_delta_ends_the_trade() -> None:
    made = market(exit_delta=0.3)
    made.at("09:20")
    made.spot += 40
    made.at("10:00")
    assert made.open
    made.spot += 90
    made.at("10:01")
    assert not made.open
    assert "out: delta" in made.journal


def test_a_sold_leg_that_has_become_too_deep_ends_the_trade() -> None:
    made = market(ShortStrangle, leg_delta=0.4, distance=4)
    made.at("09:20")
    made.at("10:00")
    assert made.open
    made.spot += 200
    made.at("10:01")
    assert not made.open


def test_re_entries_are_counted_and_wait() -> None:
    made = market(LongStraddle, stop_rupees=1, reentries=1, reentry_delay=10)
    made.at("09:20")
    for minute, entries in (("09:30", 1), ("09:39", 1), ("09:40", 2), ("09:50", 2), ("10:30", 2)):
        made.volatility -= 0.002
        made.at(minute)
        assert entered(made) == entries, minute
    assert not made.open
    made.session(date(2022, 1, 4))
    made.at("09:20")
    assert entered(made) == 3, "another day begins to count anew"


def test_it_never_enters_again_after_time_has_run_out() -> None:
    made = market(reentries=5, exit_time="12:00", latest_entry="15:00")
    made.at("09:20")
    made.at("12:00")
    made.at("12:30")
    assert entered(made) == 1


def test_what_is_carried_is_normal_and_ends_so_many_days_before_expiry() -> None:
    made = market(BullPutSpread, until="expiry", days_before=1)
    made.at("09:20")
    assert set(made.products.values()) == {Product.NORMAL}
    made.session(date(2022, 1, 4))
    made.at("15:20")
    assert made.open
    made.session(date(2022, 1, 5))
    made.at("15:15")
    assert not made.open
    made.session(THURSDAY)
    made.at("09:20")
    assert made.open, "Wednesday is over; the next week's expiry is taken, one day or more away"
    assert {made.contract(symbol).expiry for symbol in made.open} == {THURSDAYS[1]}


def test_intraday_trades_take_the_product_of_the_run() -> None:
    made = market()
    made.at("09:20")
    assert set(made.products.values()) == {None}


def test_a_roll_leaves_one_expiry_and_enters_the_next_at_once() -> None:
    made = market(ShortStrangle, until="roll", days_before=1)
    made.at("09:20")
    assert {made.contract(symbol).expiry for symbol in made.open} == {THURSDAYS[0]}
    made.session(date(2022, 1, 5))
    made.spot += 200
    made.at("15:15")
    assert {made.contract(symbol).expiry for symbol in made.open} == {THURSDAYS[1]}
    assert {int(made.contract(symbol).strike or 0) for symbol in made.open} == {17_500, 17_900}, "strikes are new"
    assert entered(made) == 2


def test_a_roll_keeps_the_shares_and_changes_the_call() -> None:
    made = MadeMarket(CoveredCall(expiry="current_week", lots=2), is_share=True)
    made.session(MONDAY)
    made.at("09:20")
    assert made.open["NSE:NIFTY"] == 2 * LOT
    assert made.products["NSE:NIFTY"] is Product.DELIVERY
    made.session(date(2022, 1, 5))
    made.at("15:15")
    assert made.open["NSE:NIFTY"] == 2 * LOT
    assert sum(fill.symbol == "NSE:NIFTY" for fill in made.fills) == 1
    (call,) = (symbol for symbol in made.open if symbol != "NSE:NIFTY")
    assert made.contract(call).expiry == THURSDAYS[1]


def test_a_stop_of_a_covered_call_sells_the_shares_too() -> None:
    made = MadeMarket(CoveredCall(expiry="current_week", stop_rupees=5000), is_share=True)
    made.session(MONDAY)
    made.at("09:20")
    made.spot -= 300
    made.at("09:30")
    assert not made.open


def test_an_index_is_covered_by_its_future() -> None:
    made = MadeMarket(CoveredCall(expiry="current_week"))
    made.session(MONDAY)
    made.at("09:20")
    assert made.open["NIFTY2022-01-06FUT"] == LOT
    made.session(date(2022, 1, 5))
    made.at("15:15")
    assert {made.contract(symbol).expiry for symbol in made.open} == {THURSDAYS[1]}, (
        "the future rolls with the call"
    )


@pytest.mark.parametrize("strategy", [Calendar, Diagonal, DoubleCalendar])
def test_time_spreads_buy_what_they_sell_a_later_expiry_of(strategy: type[OptionStrategy]) -> None:
    made = market(strategy)
    made.at("09:20")
    for symbol, units in made.open.items():
        assert made.contract(symbol).expiry == THURSDAYS[units > 0]
    made.session(THURSDAY)
    made.at("15:15")
    assert not made.open, "the bought leg never stands alone"


def test_a_calendar_can_buy_the_month() -> None:
    made = market(Calendar, later_expiry="current_month", right="puts")
    made.at("09:20")
    assert {made.contract(symbol).expiry for symbol in made.open} == {THURSDAYS[0], date(2022, 1, 27)}
    assert {symbol[-2:] for symbol in made.open} == {"PE"}


def test_what_settled_without_us_is_noticed_and_the_next_period_entered() -> None:
    made = market(until="settlement")
    made.at("09:20")
    made.session(THURSDAY)
    made.at("15:29")
    assert len(made.open) == 2
    made.session(date(2022, 1, 7))
    assert not made.open
    made.at("09:20")
    assert {made.contract(symbol).expiry for symbol in made.open} == {THURSDAYS[1]}


def test_a_refused_entry_is_not_tried_again_that_day() -> None:
    made = market()
    made.refuses = True
    made.at("09:20")
    made.refuses = False
    made.at("09:21")
    assert not made.open
    assert any("no margin" in line for line in made.journal)
    made.session(date(2022, 1, 4))
    made.at("09:20")
    assert made.open


def test_without_prices_nothing_is_entered_and_nothing_judged() -> None:
    made = market(stop_rupees=1)
    made.unpriced = True
    made.at("09:20")
    assert not made.open
    made.unpriced = False
    made.at("09:21")
    made.unpriced = True
    made.spot += 500
    made.at("09:22")
    assert made.open
    made.unpriced = False
    made.at("09:23")
    assert not made.open


def test_a_trade_survives_a_restart() -> None:
    made = market(stop_percent=20, reentries=1, reentry_delay=1)
    made.at("09:20")
    made.restart(ShortStraddle(**(PLAIN | {"stop_percent": 20})))
    made.spot += 300
    made.at("09:30")
    assert not made.open
    made.restart(ShortStraddle(**(PLAIN | {"stop_percent": 20})))
    made.at("09:40")
    assert entered(made) == 1, "how often it entered is remembered too"


@pytest.mark.parametrize(
    "settings",
    [
        {"exit_time": "09:20"},
        {"latest_entry": "09:00"},
        {"fewest_days": 5, "most_days": 4},
        {"least_premium": 10, "most_premium": 5},
        dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), False),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ShortStraddle(**settings)
    assert refusal.value.code == "parameters_conflict"
