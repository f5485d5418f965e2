"""Scenario margin: textbook portfolios, and what must hold for every portfolio."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trading.marketdata.domain.options import kernel
from trading.portfolio.domain.span import (
    NO_REQUIREMENT,
    Contract,
    Requirement,
    SpanParameters,
    Underlying,
    requirement,
    risk_arrays,
)

TODAY = date(2026, 11, 17)
WEEK, MONTH, NEXT_MONTH = date(2026, 11, 24), date(2026, 12, 29), date(2027, 1, 26)
SPOT = 24_000.0
LOT = 65
INDEX = SpanParameters(
    price_scan_range=0.093,
    volatility_scan_range=0.04,
    extreme_move=2.0,
    extreme_cover=0.35,
    exposure_rate=0.02,
    short_option_minimum=0.0,
    calendar_spread_rate=0.0175,
    expiry_day_rate=0.02,
    spreads_on_expiry_day=False,
    default_volatility=0.14,
    risk_free_rate=0.065,
)


def years(expiry: date) -> float:
    return max((expiry - TODAY).days, 0) / 365 + 0.2 / 365


def future(expiry: date = MONTH) -> Contract:
    return Contract(0, expiry, years(expiry))


def option(sign: int, strike: float, expiry: date = WEEK, volatility: float = 0.14) -> Contract:
    """A call (+1) or put (-1) at the price that this volatility gives."""
    life = years(expiry)
    forward = SPOT * float(np.exp(0.065 * life))
    price = kernel.price(sign > 0, forward, strike, life, volatility, rate=0.065).item()
    return Contract(sign, expiry, life, strike, price)


def need(*legs: tuple[Contract, int], parameters: SpanParameters = INDEX, withheld_paise: int = 0) -> Requirement:
    arrays = risk_arrays([contract for contract, _ in legs], Underlying(SPOT), parameters, today=TODAY)
    quantities = np.array([float(quantity) for _, quantity in legs])
    return requirement(arrays, quantities, withheld_paise=withheld_paise, compare=True)


def premium_paise(contract: Contract, quantity: int) -> int:
    assert contract.price is not None
    return round(contract.price * 100) * quantity


def test_a_future_is_scanned_over_its_range_and_charged_exposure_on_both_sides() -> None:
    scan = int(SPOT * 0.093 * LOT * 100)
    for quantity in (LOT, -LOT):
        found = need((future(), quantity))
        assert found.span_paise == pytest.approx(scan, abs=1)
        forward = SPOT * np.exp(0.065 * years(MONTH))
        assert found.exposure_paise == pytest.approx(forward * LOT * 2, abs=1)
        assert found.calendar_paise == 0


def test_a_bought_option_needs_nothing_beyond_its_premium() -> None:
    for strike in (20_000, 24_000, 26_500):
        for sign in (1, -1):
            assert need((option(sign, strike), LOT)).total_paise == 0


def test_a_written_option_is_scanned_by_its_worst_scenario() -> None:
    """The upper end of the range with higher volatility, by hand."""
    call = option(1, 24_500)
    found = need((call, -LOT), withheld_paise=premium_paise(call, LOT))
    life = years(WEEK)
    forward = SPOT * float(np.exp(0.065 * life))
    worst = kernel.price(True, forward + 0.093 * SPOT, 24_500.0, life, 0.18, rate=0.065).item()
    assert call.price is not None
    assert found.scan_paise == pytest.approx((worst - call.price) * LOT * 100, rel=1e-6)
    # The premium is withheld by the ledger, so its value is not blocked a second time.
    assert found.span_paise == pytest.approx(found.scan_paise, abs=100 * LOT)
    assert found.exposure_paise == int(SPOT * LOT * 2)


def test_extreme_moves_govern_a_far_option_and_count_in_part() -> None:
    """Within the range a call at 115 % is worth next to nothing; two ranges away a lot, of which 35 % count."""
    call = option(1, 27_500)
    found = need((call, -LOT))
    extreme = (SPOT * (1 + 2 * 0.093) - 27_500) * LOT * 100 * 0.35
    assert found.scan_paise == pytest.approx(extreme, rel=0.05)


def test_an_iron_condor_costs_less_than_its_naked_legs() -> None:
    short_call, short_put = option(1, 24_500), option(-1, 23_500)
    long_call, long_put = option(1, 24_700), option(-1, 23_300)
    condor = need((short_call, -LOT), (short_put, -LOT), (long_call, LOT), (long_put, LOT))
    strangle = need((short_call, -LOT), (short_put, -LOT))
    naked = need((short_call, -LOT)).total_paise + need((short_put, -LOT)).total_paise
    assert condor.total_paise < strangle.total_paise < naked
    # It cannot lose more than a wing, whichever side it is on: that is its span.
    assert condor.scan_paise + condor.net_option_value_paise * -1 <= 200 * LOT * 100 + 1
    assert condor.benefit_paise > naked / 2


def test_a_vertical_spread_is_scanned_for_no_more_than_its_width() -> None:
    spread = need((option(1, 24_200), -LOT), (option(1, 24_400), LOT))
    assert 0 < spread.span_paise <= 200 * LOT * 100
    assert need((option(1, 24_200), LOT), (option(1, 24_400), -LOT)).span_paise == 0


def test_a_covered_call_is_scanned_for_the_fall_alone() -> None:
    covered = need((future(), LOT), (option(1, 24_500), -LOT))
    assert covered.scan_paise < need((future(), LOT)).scan_paise
    assert covered.total_paise < need((future(), LOT)).total_paise + need((option(1, 24_500), -LOT)).total_paise


def test_a_calendar_spread_of_futures_pays_the_charge_instead_of_the_scan() -> None:
    spread = need((future(MONTH), LOT), (future(NEXT_MONTH), -LOT))
    assert spread.scan_paise == 0
    assert spread.calendar_paise == int(SPOT * LOT * 1.75)
    outright = need((future(MONTH), LOT))
    assert spread.exposure_paise == pytest.approx(outright.exposure_paise / 3, rel=0.02)
    assert spread.total_paise < outright.total_paise / 4


def test_on_the_last_day_a_spread_is_two_positions_and_a_written_option_dearer() -> None:
    last, later = option(1, 24_000, TODAY), option(1, 24_000, WEEK)
    both = need((last, -LOT), (later, LOT))
    apart = need((last, -LOT))
    assert both.scan_paise == pytest.approx(apart.scan_paise + need((later, LOT)).scan_paise, rel=1e-6)
    assert apart.exposure_paise == int(SPOT * LOT * 4)
    offset = need((last, -LOT), (later, LOT), parameters=replace(INDEX, spreads_on_expiry_day=True))
    assert offset.scan_paise < both.scan_paise / 2


def test_the_short_option_minimum_is_a_floor_under_the_scan() -> None:
    far = option(-1, 15_000)
    assert need((far, -LOT)).scan_paise < 100_00
    floored = need((far, -LOT), parameters=replace(INDEX, short_option_minimum=0.03))
    assert floored.scan_paise == int(SPOT * LOT * 3)


def test_premium_withheld_pays_for_what_buying_back_costs() -> None:
    """A written option that has doubled blocks its loss; one that has melted gives its profit back."""
    call = option(1, 24_500)
    value = premium_paise(call, LOT)
    even = need((call, -LOT), withheld_paise=value)
    assert need((call, -LOT), withheld_paise=value // 2).span_paise - even.span_paise == pytest.approx(
        value // 2, abs=2
    )
    assert even.span_paise - need((call, -LOT), withheld_paise=2 * value).span_paise == pytest.approx(value, abs=2)


def test_an_option_without_a_usable_price_is_valued_at_the_parameters_volatility() -> None:
    honest = option(1, 24_500, volatility=0.14)
    for price in (None, 0.0, 9e9):
        stale = replace(honest, price=price)
        assert need((stale, -LOT)).total_paise == pytest.approx(need((honest, -LOT)).total_paise, abs=5)


def test_a_future_tells_the_forward_of_its_expiry() -> None:
    put = Contract(-1, MONTH, years(MONTH), 24_000.0, None)
    discount = risk_arrays([put], Underlying(SPOT, {MONTH: SPOT - 200}), INDEX, today=TODAY)
    carried = risk_arrays([put], Underlying(SPOT), INDEX, today=TODAY)
    assert discount.values[0] > carried.values[0]


def test_nothing_open_needs_nothing() -> None:
    assert need((option(1, 24_000), 0), (future(), 0)) == NO_REQUIREMENT


expiries = st.sampled_from([TODAY, WEEK, MONTH, NEXT_MONTH])
strikes = st.integers(180, 300).map(lambda hundreds: hundreds * 100.0)
options = st.builds(option, st.sampled_from([1, -1]), strikes, expiries, st.floats(0.08, 0.6))
contracts = st.one_of(options, st.builds(future, expiries))
lots = st.integers(-20, 20).filter(bool).map(lambda count: count * LOT)
books = st.lists(st.tuples(contracts, lots), min_size=1, max_size=8)
rules = st.builds(
    replace,
    st.just(INDEX),
    spreads_on_expiry_day=st.booleans(),
    short_option_minimum=st.sampled_from([0.0, 0.03]),
    price_scan_range=st.floats(0.05, 0.2),
)


@given(books, options, st.integers(1, 20), rules)
def test_buying_an_option_never_raises_the_requirement(book, hedge, count, parameters) -> None:
    before = need(*book, parameters=parameters)
    # A hedge that closes a written option is no hedge but an exit.
    assume(all((c.sign, c.strike, c.expiry) != (hedge.sign, hedge.strike, hedge.expiry) for c, _ in book))
    after = need(*book, (hedge, count * LOT), parameters=parameters)
    assert after.total_paise <= before.total_paise + 3


@given(st.lists(st.tuples(options, st.integers(1, 20).map(lambda n: n * LOT)), min_size=1, max_size=8), rules)
def test_a_book_of_bought_options_needs_nothing(book, parameters) -> None:
    assert need(*book, parameters=parameters).total_paise == 0


@given(books, st.integers(2, 50), rules)
def test_ten_times_the_book_needs_ten_times_the_margin(book, times, parameters) -> None:
    once = need(*book, parameters=parameters).total_paise
    many = need(*((contract, lots * times) for contract, lots in book), parameters=parameters).total_paise
    assert many == pytest.approx(once * times, abs=4 * times + 4, rel=1e-9)


@given(books, books, rules)
def test_books_together_need_no_more_than_apart_but_for_the_calendar_charge(one, other, parameters) -> None:
    together = need(*one, *other, parameters=parameters)
    apart = [need(*book, parameters=parameters) for book in (one, other)]
    assert together.total_paise - together.calendar_paise <= sum(each.total_paise for each in apart) + 6


@given(books, rules)
def test_the_order_of_contracts_does_not_matter(book, parameters) -> None:
    forwards, backwards = need(*book, parameters=parameters), need(*reversed(book), parameters=parameters)
    assert forwards.total_paise == pytest.approx(backwards.total_paise, abs=3)


@given(books, st.floats(1.05, 2.0))
def test_a_wider_scan_range_never_needs_less(book, wider) -> None:
    """Of contracts without options the loss is linear in the range; written options are convex in it."""
    assume(all(quantity < 0 or contract.sign == 0 for contract, quantity in book))
    wide = replace(INDEX, price_scan_range=INDEX.price_scan_range * wider)
    assert need(*book, parameters=wide).scan_paise >= need(*book).scan_paise * 0.999 - 2
