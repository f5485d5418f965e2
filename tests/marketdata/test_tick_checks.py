from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marketdata.builders import at, make_tick
from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.domain.tick_checks import TickChecker, TickFault, TickTolerances


@pytest.fixture
def checker() -> TickChecker:
    return TickChecker(["NSE:RELIANCE"])


def test_a_good_tick_passes_unchanged(checker):
    tick = make_tick("100", volume=5, bids=(DepthLevel(Decimal(99), 1),), asks=(DepthLevel(Decimal(101), 1),))
    verdict = checker.check(tick, at(0.1))
    assert (verdict.tick, verdict.fault) == (tick, None)


@pytest.mark.parametrize(
    ("tick", "fault"),
    [
        (make_tick(key="NSE:NOBODY"), TickFault.UNKNOWN_INSTRUMENT),
        (make_tick("NaN"), TickFault.BAD_NUMBER),
        (make_tick("Infinity"), TickFault.BAD_NUMBER),
        (make_tick("-1"), TickFault.BAD_NUMBER),
        (make_tick("0"), TickFault.BAD_NUMBER),
        (make_tick("1E+20"), TickFault.BAD_NUMBER),
        (make_tick(volume=-5), TickFault.BAD_NUMBER),
        (make_tick(bids=(DepthLevel(Decimal("NaN"), 1),)), TickFault.BAD_NUMBER),
        (make_tick(asks=(DepthLevel(Decimal(100), -1),)), TickFault.BAD_NUMBER),
        (make_tick(minutes=-30), TickFault.STALE),
        (make_tick(minutes=30), TickFault.FUTURE),
    ],
)
def test_an_impossible_tick_is_refused_with_its_reason(checker, tick, fault):
    verdict = checker.check(tick, at())
    assert (verdict.tick, verdict.fault) == (None, fault)


def test_an_out_of_order_tick_is_named_and_handed_back_for_its_candle(checker):
    checker.check(make_tick(minutes=1), at(1))
    late = make_tick("101", 0.5)
    verdict = checker.check(late, at(1))
    assert (verdict.tick, verdict.fault) == (late, TickFault.OUT_OF_ORDER)


def test_a_crossed_book_keeps_the_price_and_loses_the_depth(checker):
    crossed = make_tick("100", bids=(DepthLevel(Decimal(101), 5),), asks=(DepthLevel(Decimal(100), 5),))
    verdict = checker.check(crossed, at())
    assert verdict.fault is TickFault.CROSSED
    assert verdict.tick is not None
    assert (verdict.tick.price, verdict.tick.bids, verdict.tick.asks) == (Decimal(100), (), ())


def test_a_lone_spike_is_refused_and_a_confirmed_jump_is_believed(checker):
    checker.check(make_tick("100"), at())
    assert checker.check(make_tick("180", 0.1), at(0.1)).fault is TickFault.SPIKE
    assert checker.check(make_tick("101", 0.2), at(0.2)).fault is None
    assert checker.check(make_tick("180", 0.3), at(0.3)).fault is TickFault.SPIKE
    assert checker.check(make_tick("180.5", 0.4), at(0.4)).fault is None


def test_a_price_that_runs_away_in_big_steps_is_believed_in_the_end(checker):
    checker.check(make_tick("100"), at())
    price, refused = Decimal(130), 0
    for step in range(8):
        verdict = checker.check(make_tick(str(price), 0.1 + step / 10), at(1))
        refused += verdict.fault is TickFault.SPIKE
        price *= Decimal("1.10")
    assert refused == 4, "each was more than two per cent from the one before: five in a row are the market"


@given(st.lists(st.decimals("1", "1000", places=2), min_size=6, max_size=40))
def test_no_series_of_prices_is_refused_for_ever(prices):
    checker, in_a_row, longest = TickChecker(["NSE:RELIANCE"]), 0, 0
    for step, price in enumerate(prices):
        refused = checker.check(make_tick(str(price), step / 100), at(1)).fault is TickFault.SPIKE
        in_a_row = in_a_row + 1 if refused else 0
        longest = max(longest, in_a_row)
    assert longest < TickTolerances().spike_run


def test_a_cheap_option_may_double(checker):
    checker.check(make_tick("0.10"), at())
    assert checker.check(make_tick("0.25", 0.1), at(0.1)).fault is None


def test_fresh_news_of_a_book_is_not_stale_but_its_old_trade_makes_no_candle(checker):
    book = {"bids": (DepthLevel(Decimal(99), 1),), "asks": (DepthLevel(Decimal(101), 1),)}
    verdict = checker.check(make_tick("100", -30, sent_at=at(), **book), at())
    assert verdict.fault is None
    assert verdict.is_old_trade
    assert checker.check(make_tick("100", -30, sent_at=at(-30), **book), at()).fault is TickFault.STALE
    assert checker.check(make_tick("100", sent_at=at(30)), at()).fault is TickFault.FUTURE
    assert not checker.check(make_tick("100", sent_at=at()), at()).is_old_trade


@pytest.mark.parametrize("tick", [make_tick("100.00001"), make_tick(volume=10**16), make_tick(oi=10**19)])
def test_what_no_candle_can_hold_is_a_bad_number(checker, tick):
    assert checker.check(tick, at()).fault is TickFault.BAD_NUMBER
