"""The hedge of a straddle keeps its delta within the band, whatever the market does."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.strategies.catalogue.options import rules
from trading.strategies.catalogue.options.delta_hedge import DeltaHedgedStraddle

from .made_market import LOT, MadeMarket

MONDAY = date(2022, 1, 3)
FUTURE = "NIFTY2022-01-06FUT"


def net_delta(market: MadeMarket) -> float:
    return sum(
        units * (market.greeks(symbol).delta if market.contract(symbol).right else 1.0)
        for symbol, units in market.open.items()
    )


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(st.floats(-150, 150), min_size=1, max_size=12),
    position=st.sampled_from(["long", "short"]),
    band=st.sampled_from([0.05, 0.1, 0.3]),
    lots=st.integers(10, 40),
)
def test_after_every_bar_the_delta_is_within_the_band(
    moves: list[float], position: str, band: float, lots: int
) -> None:
    market = MadeMarket(DeltaHedgedStraddle(position=position, band=band, lots=lots))
    market.session(MONDAY)
    market.at("09:20")
    for number, move in enumerate(moves):
        market.spot += move
        market.at(f"10:{number:02}")
        assert abs(net_delta(market)) <= max(band * lots * LOT, LOT / 2) + 1e-6


def test_inside_the_band_nothing_is_traded() -> None:
    market = MadeMarket(DeltaHedgedStraddle(band=0.3))
    market.session(MONDAY)
    market.at("09:20")
    market.spot += 30
    market.at("10:00")
    assert len(market.fills) == 2


def test_a_long_straddle_that_is_hedged_earns_by_swings_and_loses_standing_still() -> None:
    swinging, still = (MadeMarket(DeltaHedgedStraddle(band=0.05, lots=20)) for _ in range(2))
    for market, size in ((swinging, 90.0), (still, 0.0)):
        market.session(MONDAY)
        market.at("09:20")
        for number in range(20):
            market.spot += size if number % 2 else -size
            market.at(f"10:{number:02}")
        market.at("15:00")
    assert swinging.profit > 0 > still.profit


def test_the_hedge_is_closed_with_the_straddle_and_counts_in_its_profit() -> None:
    market = MadeMarket(DeltaHedgedStraddle(band=0.05, lots=10, stop_rupees=20_000, until="session"))
    market.session(MONDAY)
    market.at("09:20")
    market.spot += 200
    market.at("10:00")
    assert market.open[FUTURE] < 0
    trade = market.strategy._book.trade
    assert trade is not None
    assert trade.profit({symbol: market.price(symbol) for symbol in market.open}) == market.profit
    market.at("15:15")
    assert not market.open


def test_a_share_is_hedged_with_itself() -> None:
    market = MadeMarket(DeltaHedgedStraddle(band=0.05, lots=10), is_share=True)
    market.session(MONDAY)
    market.at("09:20")
    market.spot -= 100
    market.at("10:00")
    assert market.open["NSE:NIFTY"] > 0
    assert abs(net_delta(market)) <= 1


def test_net_delta_counts_the_underlying_one_for_one() -> None:
    market = MadeMarket(DeltaHedgedStraddle(band=0.01, lots=10))
    market.session(MONDAY)
    market.at("09:20")
    market.spot += 120
    market.at("10:00")
    trade = market.strategy._book.trade
    assert trade is not None
    deltas = {symbol: market.greeks(symbol).delta for symbol in market.open if market.contract(symbol).right}
    assert rules.net_delta(trade, deltas) == pytest.approx(net_delta(market))
