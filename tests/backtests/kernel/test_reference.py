"""The kernel against plain Python, on markets, signals and terms drawn at random."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.round_trips import Dealt, round_trips
from backtests.domain.kernel import Distance, Market, Reason, Sides, Sizing, Stopped, Terms, run
from core import clock
from core.money import to_paise
from trading.marketdata.domain.bars import scale_price, unscale_price

from .market import CHARGED, RISEN, market_of
from .reference import Reference


@st.composite
def bars(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    steps = st.integers(-15, 15)
    rows, price = [], draw(st.integers(40, 4_000))
    for _ in range(draw(st.integers(1, 40))):
        opening = max(price + draw(steps), 1)
        close = max(opening + draw(steps), 1)
        high = max(opening, close) + draw(st.integers(0, 8))
        low = max(min(opening, close) - draw(st.integers(0, 8)), 1)
        rows.append((opening, high, low, close))
        price = close
    return rows


distances = (
    st.none()
    | st.builds(Distance, percent=st.integers(1, 900).map(lambda points: Decimal(points) / 100))
    | st.builds(Distance, rupees=st.integers(1, 200).map(lambda paise: Decimal(paise) / 20))
)

sizes = st.builds(Sizing, units=st.integers(1, 60).map(lambda lots: lots * 25)) | st.builds(
    Sizing, share=st.integers(1, 400).map(lambda percent: Decimal(percent) / 100)
)

terms = st.builds(
    Terms,
    capital=st.integers(1_000, 10_000_000).map(Decimal),
    sizing=sizes,
    sides=st.sampled_from(Sides),
    at_touch=st.booleans(),
    protection=st.sampled_from([Decimal("0.01"), Decimal(3)]),
    slippage_ticks=st.integers(0, 3),
    square_off_fee=st.sampled_from([Decimal(0), Decimal("59.00")]),
    stop=distances,
    target=distances,
    trail=distances,
    rates=st.sampled_from([{}, CHARGED, RISEN]),
)


@settings(max_examples=400, deadline=None)
@given(
    rows=bars(),
    terms=terms,
    volumes=st.none() | st.lists(st.integers(0, 40_000), min_size=40, max_size=40),
    signals=st.lists(st.sampled_from([-1, 0, 1, 1]), min_size=40, max_size=40),
    lot=st.sampled_from([1, 25]),
    tick=st.sampled_from([1, 25, 100, 500]),
    square_off=st.none() | st.sampled_from([time(9, 19), time(9, 16), time(15, 20), time(9, 0)]),
)
def test_every_fill_and_every_bars_equity_is_that_of_plain_python(
    rows, terms, signals, lot, tick, square_off, volumes
):
    # With volumes orders walk what these display; the book of a replay is one of prices on the tick.
    if volumes is not None:
        terms = replace(terms, at_touch=True, walks_depth=True)
    shown = [1000] * len(rows) if volumes is None else volumes[: len(rows)]
    market = market_of(rows, lot=lot, tick=tick, square_off=square_off, volumes=shown)
    wanted = signals[: len(rows)]
    result = run(market, np.array(wanted, dtype=np.int8), terms)
    expected = Reference(market, terms).run(wanted)

    assert _fills(result) == [
        (bar, quantity, scale_price(price), to_paise(cost), reason)
        for bar, quantity, price, cost, reason in expected.fills
    ]
    assert result.equity.tolist() == [to_paise(each) for each in expected.equity]
    assert (result.stopped is Stopped.RUINED) == expected.ruined
    assert result.figures.outsized[0] == expected.outsized


@settings(max_examples=100, deadline=None)
@given(rows=bars(), terms=terms, signals=st.lists(st.sampled_from([-1, 0, 1]), min_size=40, max_size=40))
def test_trades_are_the_round_trips_of_the_fills_and_carry_every_paisa(rows, terms, signals):
    market = market_of(rows, lot=25)
    result = run(market, np.array(signals[: len(rows)], dtype=np.int8), terms)
    fills, trades = result.fills, result.trades()
    moment = clock.now()
    expected = round_trips(
        Dealt(moment + timedelta(seconds=place), int(quantity), unscale_price(int(price)), int(cost))
        for place, (quantity, price, cost) in enumerate(
            zip(fills.quantity, fills.price, fills.charges, strict=True)
        )
    )
    assert [
        (quantity, unscale_price(int(entry)), unscale_price(int(left)), cost)
        for quantity, entry, left, cost in zip(
            trades.quantity.tolist(),
            trades.entry_price.tolist(),
            trades.exit_price.tolist(),
            trades.charges.tolist(),
            strict=True,
        )
    ] == [(each.quantity, each.entry_price, each.exit_price, each.charges_paise) for each in expected]
    assert [Decimal(net) / 100 for net in trades.net.tolist()] == [each.net_paise for each in expected]
    assert result.figures.of(0)["trades"] == len(expected)
    assert result.figures.of(0)["charges"] == fills.charges.sum()


@pytest.mark.parametrize("side", [1, -1])
def test_a_price_too_large_for_the_arithmetic_stops_the_run_and_says_so(side):
    market = market_of([(10**6, 10**6, 10**6, 10**6)] * 4, tick=10_000)
    result = run(market, np.full(4, side, dtype=np.int8), Terms(capital=Decimal(10), sizing=Sizing(units=10**9)))
    assert result.stopped is Stopped.TOO_LARGE
    assert len(result.fills) == 0
    assert result.equity.tolist() == [1000] * 4


def _fills(result) -> list[tuple[int, int, int, int, Reason]]:
    fills = result.fills
    return [
        (bar, quantity, price, cost, Reason(reason))
        for bar, quantity, price, cost, reason in zip(
            fills.bar.tolist(),
            fills.quantity.tolist(),
            fills.price.tolist(),
            fills.charges.tolist(),
            fills.reason.tolist(),
            strict=True,
        )
    ]


def test_markets_that_cannot_be_are_refused():
    with pytest.raises(Exception, match="ascend"):
        market_of([(10, 9, 8, 9)])
    good = market_of([(10, 12, 8, 9)] * 3)
    with pytest.raises(Exception, match="one length"):
        Market(good.bars, good.session[:2], tick=5)
