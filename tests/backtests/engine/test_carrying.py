"""The end of a day: the depository, interest, daily settlement of futures, and the closing auction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from backtests.domain.engine import (
    BacktestResult,
    Charging,
    CorporateAction,
    FlatRules,
    Listing,
    MemoryMarket,
    SessionDay,
    plain_listing,
)
from core.clock import IST
from trading.brokers.domain.terms import Product, Validity
from trading.instruments.domain.sessions import Phase, PhaseWindow
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.orders.domain.states import OrderStatus
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.portfolio.domain.margin import MarginRates
from trading.portfolio.domain.position_events import PositionEventKind
from trading.strategies.domain.market import Contract

from .made import MONDAY, OPEN, SYMBOL, Row, at_bars, bars_of, flat, market_of, run_one, scripted
from .test_overnight import days_of

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=number) for number in range(1, 5))
DAY = 10
"""Bars of each made-up day."""


def fees(*, on_unsettled: bool = True, financing: str = "0") -> FlatRules:
    """₹13 and GST of 18 % for shares that leave; a quarter of their price down for borrowed ones."""
    rules = FlatRules(
        depository=DepositoryFee(Decimal(13), on_unsettled),
        financing=Decimal(financing),
        margin_rates=MarginRates(Decimal("0.25"), Decimal("0.25")),
    )
    return replace(rules, charges=replace(rules.charges, gst_rate=Decimal("0.18")))


def buy(units: int, product: Product = Product.DELIVERY) -> Any:
    return lambda ctx: ctx.buy(units, product=product)


def sell(units: int, product: Product = Product.DELIVERY) -> Any:
    return lambda ctx: ctx.sell(units, product=product)


def over_days(days: int, rules: FlatRules, *, price: float = 100, **orders: Any) -> BacktestResult:
    market = market_of(days_of(*[flat(price, DAY)] * days), rules=rules)
    return run_one(scripted(at_bars(**orders)), market, last=MONDAY + timedelta(days=days - 1))


def costs(result: BacktestResult, kind: str) -> list[tuple[date, int]]:
    found = [event for event in result.events if event.kind == kind]
    return [(event.at.astimezone(IST).date(), event.charges_paise) for event in found]


def test_the_depository_charges_once_for_a_share_and_day_with_gst() -> None:
    sales = {"b20": sell(3), "b21": sell(4), "b24": sell(1)}
    result = over_days(4, fees(), b0=buy(10), **sales)
    assert costs(result, "DP_CHARGE") == [(WEDNESDAY, 13_00 + 2_34)]


def test_shares_that_come_and_go_on_one_day_never_leave_the_demat_account() -> None:
    assert costs(over_days(2, fees(), b0=buy(10), b3=sell(10)), "DP_CHARGE") == []


@pytest.mark.parametrize(("on_unsettled", "charged"), [(True, 1), (False, 0)])
def test_shares_that_are_sold_before_they_arrive_are_charged_as_the_plan_says(
    on_unsettled: bool, charged: int
) -> None:
    result = over_days(2, fees(on_unsettled=on_unsettled), b0=buy(10), b12=sell(10))
    assert len(costs(result, "DP_CHARGE")) == charged
    assert not result.open_positions


def test_shares_have_arrived_on_the_second_day_after_the_trade() -> None:
    result = over_days(3, fees(on_unsettled=False), b0=buy(10), b22=sell(10))
    assert [on for on, _ in costs(result, "DP_CHARGE")] == [WEDNESDAY]


def test_a_split_counts_shares_on_their_way_anew() -> None:
    split = CorporateAction(PositionEventKind.SPLIT, TUESDAY, ratio=Fraction(2))
    series = days_of(flat(100, DAY), flat(50, DAY), flat(50, DAY))
    market = market_of(series, rules=fees(on_unsettled=False), actions_by={SYMBOL: [split]})
    script = at_bars(b0=buy(10), b12=sell(20))
    result = run_one(scripted(script), market, last=WEDNESDAY)
    assert result.fills[-1].quantity == 20
    assert costs(result, "DP_CHARGE") == [], "all twenty were still on their way"


def test_no_fee_is_taken_where_nothing_is_charged() -> None:
    market = market_of(days_of(*[flat(100, DAY)] * 3), rules=fees(financing="0.0004"))
    script = at_bars(b0=buy(10), b1=buy(10, Product.MTF), b22=sell(10))
    result = run_one(scripted(script), market, last=WEDNESDAY, charging=Charging.NONE)
    assert result.events == ()


def test_interest_runs_from_arrival_over_the_weekend_on_what_is_lent() -> None:
    calendar_days = [flat(100, DAY)] * 5
    market = market_of(days_of(*calendar_days), rules=fees(financing="0.0004"))
    result = run_one(scripted(at_bars(b0=buy(1000, Product.MTF))), market, last=FRIDAY)
    paid = sum(int(fill.price * fill.quantity * 100) for fill in result.fills)
    lent = paid - paid // 4
    a_day = round(lent * 0.0004)
    assert costs(result, "INTEREST") == [
        (TUESDAY, a_day),
        (WEDNESDAY, a_day),
        (THURSDAY, a_day),
        (FRIDAY, round(lent * 0.0012)),
    ]


def test_what_a_day_costs_belongs_to_the_day() -> None:
    result = over_days(4, fees(), b0=buy(10), b20=sell(10))
    _, closes = result.daily()
    assert closes[2] - closes[1] == result.fills[-1].price * 1000 - 100_00 * 10 - 15_34


FUTURE = "NFO:MADE24JANFUT"


def future_market(*prices: float, settlements: Any = None) -> MemoryMarket:
    contract = Contract(FUTURE, Decimal("0.05"), 10, underlying="MADE", expiry=date(2024, 1, 25))
    days = [flat(price, DAY) for price in prices]
    return market_of(
        {SYMBOL: days_of(*days), FUTURE: days_of(*days)},
        listings=[plain_listing(SYMBOL), Listing(contract, "NFO", "FUT", SYMBOL, True)],
        settlements=settlements or {},
    )


def buy_future(ctx: Any) -> None:
    ctx.watch(FUTURE)
    ctx.buy(100, FUTURE)


def test_a_future_is_paid_for_each_day_at_its_settlement_price() -> None:
    stored = {(FUTURE, MONDAY): Decimal("104.50")}
    script = at_bars(b0=buy_future)
    result = run_one(
        scripted(script), future_market(100, 103, 99, settlements=stored), last=WEDNESDAY, product=Product.NORMAL
    )
    bought = result.fills[0].price
    assert [(event.kind, event.realised_paise) for event in result.events] == [
        ("M2M", int((Decimal("104.50") - bought) * 100 * 100)),
        ("M2M", -1_50 * 100),
        ("M2M", -4_00 * 100),
    ]
    (left,) = result.open_positions
    assert (left.average_price, left.unrealised_paise) == (99, 0)


def test_daily_settlement_moves_cash_and_not_the_curve() -> None:
    cash: list[Decimal] = []

    def script(ctx: Any, number: int) -> None:
        if number == 0:
            buy_future(ctx)
        if number in (5, 15):
            cash.append(ctx.cash)

    result = run_one(scripted(script), future_market(100, 110), last=TUESDAY, product=Product.NORMAL)
    earned = (110 - result.fills[0].price) * 100
    assert result.final_paise == result.capital_paise + earned * 100 - result.charges_paise
    assert result.round_trips() == {("made", FUTURE, Product.NORMAL): []}
    assert cash[1] != cash[0]


AUCTION = time(15, 15), time(15, 35)


def auction_market(last: Sequence[Row], **more: Any) -> MemoryMarket:
    """Two days that trade until 15:15 and close by auction; of the first the minutes of 15:13 and 15:14 and what
    traded in the auction's last minute."""
    start = datetime.combine(MONDAY, time(15, 13), IST)
    minutes = [*bars_of(flat(100, 2), int(start.timestamp())).columns().tolist()]
    minutes += bars_of(list(last), int(start.timestamp()) + 21 * 60).columns().tolist()
    minutes += bars_of(flat(101, DAY), OPEN + 86_400).columns().tolist()
    market = market_of(BarSeries.from_columns(np.array(minutes, dtype=np.int64)), **more)
    return replace(market, days=[auction_day(MONDAY), auction_day(TUESDAY)])


def auction_day(day: date) -> SessionDay:
    opens, starts, ends = (datetime.combine(day, each, IST).astimezone(UTC) for each in (time(9, 15), *AUCTION))
    return SessionDay(
        day,
        (PhaseWindow(Phase.CONTINUOUS, opens, starts), PhaseWindow(Phase.CLOSING_AUCTION, starts, ends)),
    )


def test_orders_in_the_auction_trade_once_at_the_closing_price() -> None:
    def enter(ctx: Any) -> None:
        ctx.buy(30)
        ctx.buy(20, price=Decimal("101.00"))
        ctx.buy(20, price=Decimal("99.00"))
        ctx.buy(20, trigger_price=Decimal(105))
        ctx.buy(20, price=Decimal(105), validity=Validity.IOC)

    market = auction_market([(100.5, 100.5, 100.5, 100.5, 60)])
    result = run_one(scripted(at_bars(b1=enter)), market, product=Product.DELIVERY)
    traded = [(fill.quantity, fill.price) for fill in result.fills]
    assert traded == [(30, Decimal("100.5")), (20, Decimal("100.5"))]
    assert {fill.at.astimezone(IST).time().hour for fill in result.fills} == {15}
    assert [order.status for order in result.orders] == [
        OrderStatus.FILLED,
        OrderStatus.FILLED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
        OrderStatus.REJECTED,
    ]
    assert {order.reason_code for order in result.orders[3:]} == {"not_in_auction"}


def test_no_more_trades_in_the_auction_than_the_market_traded() -> None:
    market = auction_market([(100.5, 100.5, 100.5, 100.5, 60)])
    result = run_one(scripted(at_bars(b1=buy(100))), market, product=Product.DELIVERY)
    assert [fill.quantity for fill in result.fills] == [60]
    assert result.orders[0].status is OrderStatus.EXPIRED


def test_without_prices_of_the_auction_orders_expire_and_a_note_says_so() -> None:
    result = run_one(scripted(at_bars(b1=buy(10))), auction_market([]), product=Product.DELIVERY)
    assert result.orders[0].status is OrderStatus.EXPIRED
    assert any("closing auctions of which there are no prices" in note for note in result.notes)


def test_what_the_strategy_sees_ends_with_continuous_trading() -> None:
    seen: list[time] = []

    def on_bar(self: Any, ctx: Any, bar: Any) -> None:
        seen.append(ctx.now.time())

    strategy = scripted(at_bars(), on_bar=on_bar)
    result = run_one(strategy, auction_market([(100.5, 100.5, 100.5, 100.5, 60)]), last=MONDAY)
    assert seen == [time(15, 14), time(15, 15)]
    assert any("358 of 360 1m bars" in note for note in result.notes)


def test_days_are_decided_on_after_the_auction_and_traded_at_the_next_open() -> None:
    rows = [(100, 102, 99, 101, 50_000), (103, 104, 102, 103, 50_000)]
    market = market_of(bars_of(rows, OPEN - 33_300, 86_400), interval=Interval.D1)
    market = replace(market, days=[auction_day(MONDAY), auction_day(TUESDAY)])
    result = run_one(
        scripted(at_bars(b0=buy(10))),
        market,
        last=TUESDAY,
        interval=Interval.D1,
        base=Interval.D1,
        product=Product.DELIVERY,
    )
    (bought,) = result.fills
    assert bought.at.astimezone(IST).date() == TUESDAY
