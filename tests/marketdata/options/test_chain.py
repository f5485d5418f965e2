"""Chains of quotes: the forward's choice, stale legs, what a chain says as a whole."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from math import exp, sqrt

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import given
from hypothesis import strategies as st

from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.analytics import max_pain, smile, summarise
from trading.marketdata.domain.options.build import ChainTerms, build_chain
from trading.marketdata.domain.options.chain import (
    ForwardSource,
    LegQuote,
    OptionChain,
    Premium,
    UnderlyingQuote,
)
from trading.marketdata.domain.options.life import years_to

AT = datetime.fromisoformat("2024-06-20T12:00:00+05:30")
EXPIRY = date(2024, 6, 27)
YEARS = years_to(EXPIRY, AT)
RATE = 0.065
TERMS = ChainTerms(underlying="NIFTY", exchange="NFO", expiry=EXPIRY, lot_size=65, at=AT, rate=RATE)
FORWARD = 24_037.0
STRIKES = range(23_700, 24_401, 100)


def leg(strike: int, *, is_call: bool, volatility: float = 0.14, **fields: object) -> LegQuote:
    value = kernel.price(is_call, FORWARD, strike, YEARS, volatility, rate=RATE).item()
    defaults: dict[str, object] = {"ltp": Decimal(f"{value:.4f}"), "oi": 1_000, "volume": 100, "timestamp": AT}
    key = f"{strike}{'CE' if is_call else 'PE'}"
    return LegQuote(key=key, strike=Decimal(strike), is_call=is_call, **(defaults | fields))


def legs(**fields: object) -> list[LegQuote]:
    return [leg(strike, is_call=is_call, **fields) for strike in STRIKES for is_call in (True, False)]


def chain_of(quotes: list[LegQuote], **market: Decimal | None) -> OptionChain:
    return build_chain(TERMS, quotes, UnderlyingQuote(**market))


def test_years_run_to_half_past_three_on_the_last_day() -> None:
    assert pytest.approx((7 * 24 + 3.5) / (365 * 24)) == YEARS
    assert years_to(EXPIRY, datetime.fromisoformat("2024-06-27T15:31:00+05:30")) == 0.0


def test_the_forward_is_the_future_then_parity_then_the_carried_spot() -> None:
    spot, future = Decimal(24000), Decimal("24040.55")
    assert chain_of(legs(), spot=spot, future=future).forward_source is ForwardSource.FUTURE
    assert chain_of(legs(), spot=spot, future=future).forward == 24_040.55
    by_parity = chain_of(legs(), spot=spot)
    assert by_parity.forward_source is ForwardSource.SYNTHETIC
    assert by_parity.forward == pytest.approx(FORWARD, abs=0.001)
    carried = chain_of(legs(stale=True), spot=spot)
    assert carried.forward_source is ForwardSource.CARRIED
    assert carried.forward == pytest.approx(24_000 * exp(RATE * YEARS))
    nothing = chain_of(legs(stale=True))
    assert (nothing.forward, nothing.forward_source, nothing.atm_strike) == (None, None, None)


def test_one_bad_print_does_not_move_the_synthetic_future() -> None:
    quotes = [leg(24_000, is_call=True, ltp=Decimal(900)) if q.key == "24000CE" else q for q in legs()]
    assert chain_of(quotes, spot=Decimal(24010)).synthetic == pytest.approx(FORWARD, abs=0.001)


def test_each_leg_has_the_volatility_it_was_priced_with_and_quantlibs_greeks() -> None:
    chain = chain_of(legs(), future=Decimal(str(FORWARD)))
    spot, deviation = FORWARD * exp(-RATE * YEARS), 0.14 * sqrt(YEARS)
    for each in chain.legs:
        kind = ql.Option.Call if each.quote.is_call else ql.Option.Put
        payoff = ql.PlainVanillaPayoff(kind, float(each.quote.strike))
        oracle = ql.BlackCalculator(payoff, FORWARD, deviation, exp(-RATE * YEARS))
        assert each.iv == pytest.approx(0.14, abs=1e-5)
        assert each.delta == pytest.approx(oracle.delta(spot), abs=1e-4)
        assert each.vega == pytest.approx(oracle.vega(YEARS) / 100, rel=1e-4)
        assert each.theta == pytest.approx(oracle.thetaPerDay(spot, YEARS), rel=1e-3)


def test_a_stale_leg_keeps_its_price_and_says_nothing() -> None:
    quotes = [leg(24_000, is_call=True, stale=True) if q.key == "24000CE" else q for q in legs()]
    chain = chain_of(quotes, future=Decimal(str(FORWARD)))
    row = next(row for row in chain.rows if row.strike == 24_000)
    assert row.call.quote.ltp is not None
    assert (row.call.iv, row.call.delta, row.call.premium, row.call.time_value) == (None, None, None, None)
    assert row.put.iv == pytest.approx(0.14, abs=1e-5)
    summary = summarise(chain)
    assert summary.stale_legs == 1
    assert summary.straddle is None
    assert summary.atm_iv == pytest.approx(0.14, abs=1e-5)
    assert summary.call_oi == 1_000 * len(STRIKES)


def test_a_last_price_outside_its_book_gives_way_to_the_middle() -> None:
    old = leg(24_000, is_call=True, ltp=Decimal(300), bid=Decimal(180), ask=Decimal(181))
    inside = leg(24_100, is_call=True, bid=Decimal(1), ask=Decimal(900))
    chain = chain_of([old, inside], future=Decimal(str(FORWARD)))
    first, second = chain.legs
    assert (first.premium, first.priced_by) == (Decimal("180.5"), Premium.MID)
    assert second.priced_by is Premium.LTP


def test_intrinsic_and_time_value_are_against_the_forward() -> None:
    chain = chain_of(
        [leg(23_900, is_call=True, ltp=Decimal(200)), leg(23_900, is_call=False, ltp=Decimal(60))],
        future=Decimal(24037),
    )
    call, put = chain.legs
    assert (call.intrinsic, call.time_value) == (Decimal("137.00"), Decimal("63.00"))
    assert (put.intrinsic, put.time_value) == (Decimal("0.00"), Decimal(60))


def test_below_intrinsic_is_no_volatility_but_a_price() -> None:
    [call] = chain_of([leg(23_700, is_call=True, ltp=Decimal(100))], future=Decimal(24037)).legs
    assert (call.iv, call.time_value) == (None, Decimal("-237.00"))


def test_the_summary_of_a_small_chain_worked_by_hand() -> None:
    quotes = [
        leg(24_000, is_call=True, oi=300, volume=10, ltp=Decimal(160)),
        leg(24_000, is_call=False, oi=100, volume=30, ltp=Decimal(120)),
        leg(24_100, is_call=True, oi=500, volume=10),
        leg(24_100, is_call=False, oi=1_100, volume=10),
    ]
    chain = chain_of(quotes, future=Decimal(24037))
    summary = summarise(chain)
    assert chain.atm_strike == 24_000
    assert summary.pcr_oi == pytest.approx(1_200 / 800)
    assert summary.pcr_volume == pytest.approx(40 / 20)
    assert summary.straddle == Decimal(280)
    # At 24,000 the 24,100 puts get 100 x 1,100; at 24,100 the 24,000 calls get 100 x 300.
    assert summary.max_pain == 24_100
    row = chain.rows[0]
    call, put = row.call.iv or 0.0, row.put.iv or 0.0
    assert summary.atm_iv == pytest.approx((call + put) / 2)
    assert summary.expected_move == pytest.approx(24_037 * (call + put) / 2 * sqrt(YEARS))


def test_skew_is_what_puts_cost_more_at_equal_distance() -> None:
    quotes = []
    for strike in range(22_000, 26_001, 50):
        volatility = 0.14 - 0.5 * np.log(strike / FORWARD)
        quotes += [leg(strike, is_call=is_call, volatility=float(volatility)) for is_call in (True, False)]
    summary = summarise(chain_of(quotes, future=Decimal(str(FORWARD))))
    call = next(k for k in range(24_000, 26_000) if _delta(k, True) <= 0.25)
    put = next(k for k in range(24_100, 22_000, -1) if abs(_delta(k, False)) <= 0.25)
    assert summary.skew == pytest.approx(0.5 * np.log(call / put), abs=2e-4)


def _delta(strike: int, is_call: bool) -> float:
    volatility = 0.14 - 0.5 * np.log(strike / FORWARD)
    spot = FORWARD * exp(-RATE * YEARS)
    return kernel.greeks(is_call, spot, strike, YEARS, volatility, rate=RATE, carry=RATE).delta.item()


def test_the_smile_is_of_the_legs_out_of_the_money() -> None:
    quotes = [leg(23_900, is_call=True, volatility=0.2), leg(23_900, is_call=False, volatility=0.15)]
    quotes += [leg(24_100, is_call=True, volatility=0.12), leg(24_200, is_call=False, stale=True)]
    points = smile(chain_of(quotes, future=Decimal(str(FORWARD))))
    assert [(int(each.strike), round(each.iv, 3)) for each in points] == [(23_900, 0.15), (24_100, 0.12)]


def test_an_empty_or_expired_chain_is_no_error() -> None:
    assert summarise(chain_of([])).max_pain is None
    late = ChainTerms(
        underlying="NIFTY", exchange="NFO", expiry=EXPIRY, lot_size=65, at=AT + timedelta(days=8), rate=RATE
    )
    chain = build_chain(late, legs(), UnderlyingQuote(spot=Decimal(24037)))
    assert chain.years == 0.0
    assert all(each.iv is None for each in chain.legs)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=12))
def test_max_pain_is_where_a_plain_count_of_every_payout_is_least(interest: list[tuple[int, int]]) -> None:
    strikes = [24_000 + 50 * place for place in range(len(interest))]
    quotes = []
    for strike, (calls, puts) in zip(strikes, interest, strict=True):
        quotes += [leg(strike, is_call=True, oi=calls), leg(strike, is_call=False, oi=puts)]
    found = max_pain(chain_of(quotes, future=Decimal(24037)).rows)
    if not sum(calls + puts for calls, puts in interest):
        assert found is None
        return
    paid = {
        settle: sum(
            max(settle - strike, 0) * calls + max(strike - settle, 0) * puts
            for strike, (calls, puts) in zip(strikes, interest, strict=True)
        )
        for settle in strikes
    }
    assert paid[int(found)] == min(paid.values())
