"""The options strategies through the engine itself: legs, charges and settlement on a chain that is made by the
model."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backtests.domain.engine import (
    BacktestResult,
    BacktestSpec,
    Ending,
    FlatRules,
    MemoryMarket,
    StrategySpec,
    plain_listing,
    run,
    weekday_sessions,
)
from backtests.domain.option_market import OptionModel, VolatilityBy, with_options
from core.clock import IST
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.domain.options.payoff import Leg, LegKind, payoff_at_expiry
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.strategies.catalogue.options.base import OptionStrategy
from trading.strategies.catalogue.options.condors import IronButterfly, IronCondor
from trading.strategies.catalogue.options.covered import CoveredCall, ProtectivePut
from trading.strategies.catalogue.options.delta_hedge import DeltaHedgedStraddle
from trading.strategies.catalogue.options.ratios import RatioSpread
from trading.strategies.catalogue.options.spreads import (
    BearCallSpread,
    BearPutSpread,
    BullCallSpread,
    BullPutSpread,
)
from trading.strategies.catalogue.options.straddles import LongStraddle, LongStrangle, ShortStraddle, ShortStrangle
from trading.strategies.catalogue.options.time_spreads import Calendar, Diagonal, DoubleCalendar

INDEX = "NSE:NIFTY"
MONDAY, THURSDAY, FRIDAY = date(2022, 1, 3), date(2022, 1, 6), date(2022, 1, 7)
MODEL = OptionModel(by=VolatilityBy.CONSTANT, volatility=0.16)
FREE = dict.fromkeys(("stop_percent", "target_percent", "leg_stop"), 0)
LEVIES = ChargeRates(
    stt_buy=Decimal(0),
    stt_sell=Decimal("0.0005"),
    exchange_rate=Decimal("0.0005"),
    ipft_rate=Decimal(0),
    gst_on_ipft=False,
    sebi_rate=Decimal("0.000001"),
    stamp_buy=Decimal("0.00003"),
    stamp_sell=Decimal(0),
    gst_rate=Decimal("0.18"),
    stt_exercise=Decimal("0.00125"),
)
ONE_EXPIRY = [
    BullCallSpread, BearPutSpread, BullPutSpread, BearCallSpread, LongStraddle, ShortStraddle, LongStrangle,
    ShortStrangle, IronCondor, IronButterfly, RatioSpread,
]  # fmt: skip
LIVE_ON = [Calendar, Diagonal, DoubleCalendar, CoveredCall, ProtectivePut, DeltaHedgedStraddle]


def market(*, end: float, last: date = FRIDAY, is_free: bool = False) -> MemoryMarket:
    """An index that walks evenly from 17,500 on Monday to a price on Thursday's close, and stays there."""
    days = [each.day for each in weekday_sessions(MONDAY, last)]
    starts = [
        int((each.windows[0].starts + timedelta(minutes=minute)).timestamp())
        for each in weekday_sessions(MONDAY, last)
        for minute in range(375)
    ]
    whole = 375 * sum(day <= THURSDAY for day in days)
    path = 17_500 + (end - 17_500) * np.minimum(np.arange(len(starts) + 1), whole - 30) / (whole - 30)
    prices = np.rint(path * 20).astype(np.int64) * 500
    rows = [
        (start, before, max(before, after), min(before, after), after, 0, 0)
        for start, before, after in zip(starts, prices, prices[1:], strict=False)
    ]
    return MemoryMarket(
        listings={INDEX: plain_listing(INDEX, instrument_type="INDEX")},
        bars_by={(INDEX, Interval.M1): BarSeries.from_columns(np.array(rows, dtype=np.int64))},
        days=weekday_sessions(MONDAY, last),
        rules=FlatRules(square_off_at=None)
        if is_free
        else FlatRules(
            charges=LEVIES, brokerage_rates=BrokerageRates(Decimal(20), Decimal(0), None), square_off_at=None
        ),
    )


def backtest(
    strategy: type[OptionStrategy], data: MemoryMarket, *, last: date = FRIDAY, **settings: Any
) -> BacktestResult:
    spec = StrategySpec(
        strategy=strategy,
        symbols=(INDEX,),
        interval=Interval.M1,
        product=Product.NORMAL,
        settings=settings,
        name="tried",
    )
    result = run(
        BacktestSpec(strategies=(spec,), first=MONDAY, last=last, capital=Decimal(2_000_000)),
        with_options(data, MODEL),
    )
    assert result.ending is Ending.FINISHED, result.reason
    return result


@pytest.mark.parametrize("end", [17_020.0, 17_500.0, 17_660.0])
@pytest.mark.parametrize("strategy", ONE_EXPIRY, ids=lambda each: each.key)
def test_a_shape_held_to_settlement_earns_its_payoff_less_charges(
    strategy: type[OptionStrategy], end: float
) -> None:
    result = backtest(strategy, market(end=end), last=THURSDAY, until="settlement", lots=2, **FREE)
    legs = []
    for fill in result.fills:
        strike, right = int(fill.symbol[-7:-2]), LegKind.CALL if fill.symbol.endswith("CE") else LegKind.PUT
        units = fill.quantity * fill.side.sign
        legs.append(Leg(kind=right, quantity=units, entry=fill.price, strike=Decimal(strike), years=0.01))
    assert legs, "it has entered"
    assert not result.open_positions
    earned = result.final_paise - result.capital_paise
    assert earned + result.charges_paise == int(payoff_at_expiry(legs)(Decimal(str(end))) * 100)
    assert result.charges_paise >= len(result.fills) * 20_00


def test_exercise_of_a_bought_option_is_taxed_and_assignment_is_not() -> None:
    bought = backtest(LongStraddle, market(end=17_700.0), last=THURSDAY, until="settlement", **FREE)
    sold = backtest(ShortStraddle, market(end=17_700.0), last=THURSDAY, until="settlement", **FREE)
    assert sum(event.charges_paise for event in bought.events) == int(200 * 50 * 100 * Decimal("0.00125"))
    assert sum(event.charges_paise for event in sold.events) == 0


@pytest.mark.parametrize("strategy", LIVE_ON, ids=lambda each: each.key)
def test_shapes_with_other_expiries_or_the_underlying_go_in_and_out(strategy: type[OptionStrategy]) -> None:
    settings: dict[str, Any] = {"expiry": "current_week", "until": "expiry", "days_before": 0}
    if strategy is DeltaHedgedStraddle:
        settings |= {"lots": 2, "band": 0.3}
    result = backtest(strategy, market(end=17_560.0), last=THURSDAY, **FREE, **settings)
    assert not [order for order in result.orders if order.reason_code]
    traded: dict[str, int] = {}
    for fill in result.fills:
        traded[fill.symbol] = traded.get(fill.symbol, 0) + fill.quantity * fill.side.sign
    left = {symbol for symbol, units in traded.items() if units}
    assert left <= {"NFO:NIFTY22JANFUT"}, "only the future of a covered index stays when the option has ended"
    assert len(traded) >= 2


def test_strikes_by_delta_and_by_premium_are_found_in_the_engine() -> None:
    by_delta = backtest(
        ShortStrangle, market(end=17_500.0), last=MONDAY, strike_choice="delta", delta=0.2, until="session"
    )
    by_premium = backtest(
        ShortStrangle, market(end=17_500.0), last=MONDAY, strike_choice="premium", premium=40, until="session"
    )
    assert [abs(float(fill.price) - 40) < 8 for fill in by_premium.fills[:2]] == [True, True]
    calls = [int(fill.symbol[-7:-2]) for fill in by_delta.fills[:2] if fill.symbol.endswith("CE")]
    assert calls
    assert 17_650 <= calls[0] <= 17_800


def test_a_condor_needs_a_fraction_of_the_margin_of_its_strangle() -> None:
    settings = {"until": "settlement", "distance": 4, "lots": 10, **FREE}
    strangle, condor = (
        run(
            BacktestSpec(
                strategies=(
                    StrategySpec(
                        strategy=strategy, symbols=(INDEX,), interval=Interval.M1, product=Product.NORMAL,
                        settings=settings, name="tried",
                    ),
                ),
                first=MONDAY,
                last=MONDAY,
                capital=Decimal(600_000),
            ),
            with_options(market(end=17_500.0, is_free=True), MODEL),
        )
        for strategy in (ShortStrangle, IronCondor)
    )  # fmt: skip
    assert {order.reason_code for order in strangle.orders} == {"insufficient_funds"}
    assert len(condor.fills) == 4


def test_the_result_tells_that_prices_are_modelled_and_which() -> None:
    result = backtest(ShortStraddle, market(end=17_500.0), last=MONDAY, until="session")
    notes = "\n".join(result.notes)
    assert "Black (1976)" in notes
    assert all(fill.symbol in notes for fill in result.fills)


def test_stops_are_judged_at_closed_bars_and_filled_at_the_next_price() -> None:
    result = backtest(ShortStraddle, market(end=18_100.0), last=MONDAY, leg_stop=30, until="session")
    entry = next(fill for fill in result.fills if fill.tag == "entry" and fill.symbol.endswith("CE"))
    out = next(fill for fill in result.fills if fill.tag == "exit" and fill.symbol == entry.symbol)
    assert out.price >= entry.price * Decimal("1.3")
    assert out.price <= entry.price * Decimal("1.35")
    assert out.at.astimezone(IST).second == 0
