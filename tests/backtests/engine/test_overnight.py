"""Between sessions: splits, dividends, expiry, waiting orders; and what strategies see of the past by then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from backtests.domain.engine import CorporateAction, Ending, FlatRules, Listing, MemoryMarket
from trading.brokers.domain.terms import OrderType, Product
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.orders.domain.option_choice import Right
from trading.orders.domain.states import OrderStatus
from trading.portfolio.domain.charges import BrokerageRates
from trading.portfolio.domain.position_events import PositionEventKind
from trading.strategies.domain.market import Contract

from .made import MONDAY, OPEN, SYMBOL, Row, at_bars, bars_of, flat, market_of, run_one, scripted

TUESDAY = MONDAY + timedelta(days=1)


def days_of(*days: Sequence[Row]) -> BarSeries:
    """Each day's minutes from 09:15 on."""
    parts = [bars_of(rows, OPEN + 86_400 * number) for number, rows in enumerate(days)]
    return BarSeries.from_columns(sum_rows(parts))


def sum_rows(parts: Sequence[BarSeries]) -> Any:
    import numpy as np

    return np.concatenate([part.columns() for part in parts])


def hold(ctx: Any) -> None:
    ctx.buy(10, product=Product.DELIVERY)


SPLIT = CorporateAction(PositionEventKind.SPLIT, TUESDAY, ratio=Fraction(5))


def split_market() -> MemoryMarket:
    series = days_of(flat(500, 10), flat(100, 10))
    return market_of(series, actions_by={SYMBOL: [SPLIT]})


def test_a_split_changes_units_and_not_worth() -> None:
    result = run_one(scripted(at_bars(b0=hold)), split_market(), last=TUESDAY)
    (left,) = result.open_positions
    assert left.quantity == 50
    assert result.equity[-1] == result.equity[9]
    assert [event.kind for event in result.events] == ["SPLIT"]


def test_a_trade_over_a_split_is_one_in_the_shares_it_was_closed_in() -> None:
    series = days_of(flat(500, 10), flat(110, 10))
    market = market_of(series, actions_by={SYMBOL: [SPLIT]})
    leave = at_bars(b0=hold, b12=lambda ctx: ctx.close(SYMBOL))
    result = run_one(scripted(leave), market, last=TUESDAY, product=Product.DELIVERY)
    ((trip,),) = result.round_trips().values()
    assert (trip.quantity, trip.entry_price, trip.exit_price) == (50, 100, 110)
    assert int(trip.net_paise) == int(result.equity[-1]) - 1_000_000 * 100


def test_the_past_is_told_in_the_shares_of_the_day_and_not_earlier() -> None:
    seen: list[list[float]] = []
    strategy = scripted(lambda ctx, number: seen.append([bar.close for bar in ctx.bars(3)]))
    run_one(strategy, split_market(), last=TUESDAY, product=Product.DELIVERY)
    assert seen[9] == [500.0, 500.0, 500.0]
    assert seen[10] == [100.0, 100.0, 100.0]


def test_a_split_on_a_holiday_takes_effect_in_the_next_session() -> None:
    saturday, monday = MONDAY + timedelta(days=5), MONDAY + timedelta(days=7)
    split = CorporateAction(PositionEventKind.SPLIT, saturday, ratio=Fraction(5))
    last = bars_of(flat(100, 10), OPEN + 7 * 86_400)
    series = BarSeries.from_columns(sum_rows([bars_of(flat(500, 10)), last]))
    seen: list[list[float]] = []

    def script(ctx: Any, number: int) -> None:
        seen.append([bar.close for bar in ctx.bars(3)])
        if number == 0:
            hold(ctx)

    result = run_one(scripted(script), market_of(series, actions_by={SYMBOL: [split]}), last=monday)
    assert [left.quantity for left in result.open_positions] == [50]
    assert seen[10] == [100.0, 100.0, 100.0]


def test_an_average_over_a_split_does_not_jump() -> None:
    values: list[float] = []

    def setup(self: Any, setup: Any) -> None:
        self.line = setup.indicator("sma", period=5)

    def on_bar(self: Any, ctx: Any, bar: Any) -> None:
        values.append(self.line.now)

    strategy = scripted(at_bars(), setup=setup, on_bar=on_bar)
    run_one(strategy, split_market(), last=TUESDAY, product=Product.DELIVERY)
    assert values[9] == pytest.approx(500)
    assert values[10:] == pytest.approx([100] * 10)


def test_a_dividend_is_paid_on_what_was_held() -> None:
    dividend = CorporateAction(PositionEventKind.DIVIDEND, TUESDAY, amount=Decimal("2.5"))
    market = market_of(days_of(flat(100, 10), flat(100, 10)), actions_by={SYMBOL: [dividend]})
    result = run_one(scripted(at_bars(b0=hold)), market, last=TUESDAY)
    assert result.equity[-1] - result.equity[9] == 25_00


def test_an_order_at_the_close_waits_for_the_next_opening() -> None:
    market = market_of(days_of(flat(100, 375), flat(102, 10)))
    strategy = scripted(at_bars(b374=lambda ctx: ctx.buy(10)))
    result = run_one(strategy, market, last=TUESDAY, product=Product.DELIVERY)
    (bought,) = result.fills
    assert bought.at.date() == TUESDAY
    assert bought.price >= Decimal(102)


def test_an_intraday_order_at_the_close_is_refused() -> None:
    strategy = scripted(at_bars(b374=lambda ctx: ctx.buy(10)))
    result = run_one(strategy, market_of(days_of(flat(100, 375), flat(102, 10))), last=TUESDAY)
    assert result.orders[0].reason_code == "market_closed"


INDEX, CALL = "NSE:NIFTY", "NFO:NIFTY-TEST-CE"


def option_market(*, expiry: date = MONDAY, settled_at: str = "22100") -> MemoryMarket:
    index = Listing(Contract(INDEX, Decimal("0.05"), 1, is_tradable=False), "NSE", "INDEX")
    contract = Contract(
        CALL, Decimal("0.05"), 50, underlying="NIFTY", expiry=expiry, right=Right.CALL, strike=Decimal(22000)
    )
    series = {INDEX: bars_of(flat(22000, 375)), CALL: bars_of([(150, 150, 150, 150, 600_000)] * 375)}
    return market_of(
        series,
        listings=[index, Listing(contract, "NFO", "CE", INDEX, True)],
        settlements={(INDEX, expiry): Decimal(settled_at)},
        rules=FlatRules(),
    )


def buy_call(ctx: Any) -> None:
    ctx.watch(CALL)
    ctx.buy(50, CALL)


@pytest.mark.parametrize(("settled_at", "worth"), [("22100", 100), ("21900", 0)])
def test_an_option_ends_at_its_underlyings_settlement_price(settled_at: str, worth: int) -> None:
    market = option_market(settled_at=settled_at)
    result = run_one(scripted(at_bars(b1=buy_call)), market, symbols=(INDEX,), product=Product.NORMAL)
    paid = result.fills[0].price
    assert not result.open_positions
    (ended,) = result.events
    assert ended.realised_paise == (worth - paid) * 50 * 100
    assert ended.kind == ("EXERCISE" if worth else "EXPIRY")


def test_a_written_option_blocks_margin_while_it_is_open() -> None:
    cash: list[Decimal] = []

    def sell(ctx: Any) -> None:
        cash.append(ctx.cash)
        ctx.watch(CALL)
        ctx.sell(50, CALL)
        cash.append(ctx.cash)

    result = run_one(scripted(at_bars(b1=sell)), option_market(), symbols=(INDEX,), product=Product.NORMAL)
    assert result.orders[0].status is OrderStatus.FILLED
    assert cash[0] - cash[1] > 22_000 * 50 * Decimal("0.02")


def test_legs_that_cannot_all_be_had_are_all_refused() -> None:
    from trading.strategies.domain import LegWish, Side

    def enter(ctx: Any) -> None:
        ctx.watch(CALL)
        ctx.legs([LegWish(Side.SELL, CALL, lots=1), LegWish(Side.BUY, CALL, lots=400)])

    result = run_one(scripted(at_bars(b1=enter)), option_market(), symbols=(INDEX,), product=Product.NORMAL)
    assert [order.status for order in result.orders] == [OrderStatus.REJECTED] * 2
    assert {order.reason_code for order in result.orders} == {"insufficient_funds"}


def test_legs_are_funded_together_with_their_charges() -> None:
    from trading.strategies.domain import LegWish, Side

    def enter(ctx: Any) -> None:
        ctx.watch(CALL)
        ctx.legs([LegWish(Side.BUY, CALL, lots=1), LegWish(Side.BUY, CALL, lots=1)])

    def ended(fee: int) -> set[OrderStatus]:
        rules = FlatRules(brokerage_rates=BrokerageRates(Decimal(fee), Decimal(0), None))
        market = replace_rules(option_market(), rules)
        terms: dict[str, Any] = {"symbols": (INDEX,), "product": Product.NORMAL, "capital": Decimal(16_500)}
        return {order.status for order in run_one(scripted(at_bars(b1=enter)), market, **terms).orders}

    assert ended(fee=0) == {OrderStatus.FILLED}
    assert ended(fee=1_000) == {OrderStatus.REJECTED}, "two premiums can be paid, with two fees neither is bought"


def test_before_the_first_price_of_a_day_the_last_of_the_day_before_is_known_though_nobody_has_looked() -> None:
    late, sent = "NSE:LATE", []
    bars = {
        SYMBOL: days_of(flat(500, 10), flat(500, 10)),
        late: BarSeries.from_columns(
            sum_rows([bars_of([*flat(100, 8), (100, 108, 99, 107)]), bars_of(flat(90, 5), OPEN + 86_400 + 300)])
        ),
    }

    def at_opening(strategy: Any, ctx: Any) -> None:
        if ctx.now.date() == TUESDAY:
            sent.append(ctx.buy(1, late))

    strategy = scripted(at_bars(), on_session=at_opening)
    result = run_one(strategy, market_of(bars), symbols=(SYMBOL, late), last=TUESDAY)
    assert [(order.reason_code, order.decision_price) for order in result.orders] == [("stale_price", 107)]
    words = f"There is no price of {TUESDAY:%-d %B %Y}; the last one is of {MONDAY:%-d %B %Y}."
    assert result.orders[0].reason == words


def test_a_day_without_prices_is_noted() -> None:
    result = run_one(scripted(at_bars()), market_of(days_of(flat(100, 10))), last=TUESDAY)
    assert result.ending is Ending.FINISHED
    assert any("no prices on 1 of 2 trading days" in note for note in result.notes)
    assert any("365 of 375 1m bars" in note for note in result.notes)


def test_daily_bars_are_decided_on_at_the_close_and_traded_at_the_next_open() -> None:
    rows = [(100, 102, 99, 101, 50_000), (103, 104, 102, 103, 50_000), (105, 106, 104, 105, 50_000)]
    series = bars_of(rows, OPEN - 33_300, 86_400)
    market = market_of(series, interval=Interval.D1)
    strategy = scripted(at_bars(b0=lambda ctx: ctx.buy(10)))
    result = run_one(
        strategy,
        market,
        last=MONDAY + timedelta(days=2),
        interval=Interval.D1,
        base=Interval.D1,
        product=Product.DELIVERY,
    )
    (bought,) = result.fills
    assert bought.at.date() == TUESDAY
    assert bought.price in (Decimal(103), Decimal("103.05"))
    assert result.orders[0].order_type is OrderType.MARKET
    assert len(result.equity) == 3


def test_rates_that_do_not_reach_back_end_the_run_with_their_reason() -> None:
    from core.errors import InvalidInput

    class Rateless(FlatRules):
        def charge_rates(self, listing: Any, product: Any, day: date) -> Any:
            raise InvalidInput("No rates are known.", code="rates_unknown")

    market = market_of(days_of(flat(100, 10)))
    result = run_one(scripted(at_bars(b0=hold)), replace_rules(market, Rateless()))
    assert result.ending is Ending.DATA_FAILED
    assert "No rates are known" in result.reason


def replace_rules(market: MemoryMarket, rules: FlatRules) -> MemoryMarket:
    return replace(market, rules=rules)
