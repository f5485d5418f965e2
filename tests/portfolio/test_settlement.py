"""Deliveries, futures, interest, expiry and corporate actions: by the calendar, once, and the books balance."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from tests.factories import make_instrument
from tests.portfolio.conftest import Desk
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import CorporateAction, Instrument, InstrumentType
from trading.marketdata.models import SettlementPrice
from trading.portfolio.domain.deliveries import DayNet, debited_quantity, sale_sources, unsettled_quantity
from trading.portfolio.domain.expiry import settle
from trading.portfolio.domain.position_events import PositionEventKind
from trading.portfolio.models import DeliveryDay, Position, PositionEvent, TradingAccount
from trading.portfolio.selectors import holdings
from trading.portfolio.services import account_lock, fill_post, ledger_verify
from trading.portfolio.services.corporate_actions import corporate_action_apply
from trading.portfolio.services.deliveries import deliveries_settle
from trading.portfolio.services.depository import dp_charges_post
from trading.portfolio.services.expiry import contracts_expire
from trading.portfolio.services.settlement import futures_mark, interest_post

# Monday 16 November 2026; Tuesday 24 November is a monthly expiry.
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (16, 17, 18))
EXPIRY = date(2026, 11, 24)
Kind = PositionEventKind


def at(day: date, hour: int = 5) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the market's clock."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(at(MONDAY))
    return set_to


def trade(desk: Desk, side: Side, quantity: int, price: str, on: datetime, **fields: object) -> None:
    with transaction.atomic():
        fill_post(
            account=account_lock(desk.account.id),
            fill=desk.fill(side, quantity, price, traded_at=on, **fields),  # type: ignore[arg-type]
        )


def buy_delivery(desk: Desk, quantity: int = 10, on: datetime | None = None) -> Position:
    trade(desk, Side.BUY, quantity, "1500", on or at(MONDAY), product=Product.DELIVERY)
    position: Position = Position.objects.get(account=desk.account, product=Product.DELIVERY)
    return position


def contract(key: str, expiry: date = EXPIRY, **fields: object) -> Instrument:
    return make_instrument(key, expiry=expiry, lot_size=50, **fields)


def settles_at(instrument: Instrument, price: str, on: date) -> None:
    SettlementPrice.objects.create(instrument=instrument, date=on, price=Decimal(price), source="test")


# Deliveries


def test_a_sale_takes_todays_shares_first_then_settled_ones_then_those_on_their_way() -> None:
    sources = sale_sources(quantity=12, held=15, today=DayNet(3, 0), earlier=[DayNet(5, 0)])
    assert (sources.today, sources.settled, sources.unsettled) == (3, 7, 2)


@given(
    held=st.integers(0, 1000),
    quantity=st.integers(0, 1000),
    today=st.tuples(st.integers(0, 500), st.integers(0, 500)),
    earlier=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=3),
)
def test_every_sold_share_comes_from_somewhere(
    held: int, quantity: int, today: tuple[int, int], earlier: list[tuple[int, int]]
) -> None:
    quantity = min(quantity, held)
    days = [DayNet(*day) for day in earlier]
    sources = sale_sources(quantity=quantity, held=held, today=DayNet(*today), earlier=days)
    assert sources.today + sources.settled + sources.unsettled == quantity
    assert min(sources.today, sources.settled, sources.unsettled) >= 0
    assert unsettled_quantity(held, days) <= held


def test_what_is_bought_back_the_same_day_never_leaves_the_demat_account() -> None:
    assert debited_quantity(bought=10, sold=10, from_settled=10, from_unsettled=0, on_unsettled=True) == 0
    assert debited_quantity(bought=4, sold=10, from_settled=10, from_unsettled=0, on_unsettled=False) == 6
    assert debited_quantity(bought=0, sold=10, from_settled=4, from_unsettled=6, on_unsettled=False) == 4


def test_shares_arrive_on_the_next_trading_day_after_payout(desk: Desk, now: Callable[[datetime], None]) -> None:
    buy_delivery(desk)
    (row,) = holdings(desk.trader)
    assert (row.settled_quantity, row.t1_quantity) == (0, 10)
    now(at(TUESDAY, 9))
    assert deliveries_settle() == 0
    now(at(TUESDAY, 10))
    assert deliveries_settle() == 1
    assert deliveries_settle() == 0
    (row,) = holdings(desk.trader)
    shape = row.holding_shape()
    assert (shape["quantity"], shape["t1_quantity"], shape["pledged_quantity"]) == (10, 0, 0)


def test_shares_on_their_way_may_be_sold(desk: Desk, now: Callable[[datetime], None]) -> None:
    buy_delivery(desk)
    trade(desk, Side.SELL, 4, "1510", at(TUESDAY), product=Product.DELIVERY)
    sold = DeliveryDay.objects.get(trade_date=TUESDAY)
    assert (sold.from_settled, sold.from_unsettled) == (0, 4)
    (row,) = holdings(desk.trader)
    assert (row.settled_quantity, row.t1_quantity) == (0, 6)


def test_the_depository_charges_once_a_share_and_day(desk: Desk, now: Callable[[datetime], None]) -> None:
    position = buy_delivery(desk)
    now(at(TUESDAY, 11))
    deliveries_settle()
    for _ in range(2):
        trade(desk, Side.SELL, 3, "1510", at(WEDNESDAY), product=Product.DELIVERY)
    now(at(WEDNESDAY, 12))
    charged_before = Position.objects.get(id=position.id).charges_paise
    assert dp_charges_post(WEDNESDAY) == 1
    assert dp_charges_post(WEDNESDAY) == 0
    event = PositionEvent.objects.get(kind=Kind.DP_CHARGE)
    assert event.charges_paise == 15_34
    assert Position.objects.get(id=position.id).charges_paise == charged_before + 15_34
    assert ledger_verify() == []


def test_a_plan_may_spare_what_is_sold_before_it_has_arrived(desk: Desk, now: Callable[[datetime], None]) -> None:
    TradingAccount.objects.filter(id=desk.account.id).update(brokerage_plan="ibkr")
    buy_delivery(desk)
    trade(desk, Side.SELL, 10, "1510", at(TUESDAY), product=Product.DELIVERY)
    now(at(TUESDAY, 12))
    assert dp_charges_post(TUESDAY) == 0


# Futures and borrowed money


def test_a_futures_gain_is_paid_out_each_day(desk: Desk, now: Callable[[datetime], None]) -> None:
    make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)
    future = contract("NFO:NIFTY26NOVFUT")
    trade(desk, Side.BUY, 50, "24000", at(MONDAY), product=Product.NORMAL, instrument=future)
    settles_at(future, "24110.50", MONDAY)
    settles_at(future, "24050", TUESDAY)
    now(at(MONDAY, 11))
    before = cash(desk)
    assert futures_mark(MONDAY).done == 1
    assert futures_mark(MONDAY).done == 1
    assert PositionEvent.objects.filter(kind=Kind.M2M).count() == 1
    position = Position.objects.get(account=desk.account)
    assert (position.average_price, position.realised_pnl_paise) == (Decimal("24110.5"), 5525_00)
    assert cash(desk) - before == 5525_00
    now(at(TUESDAY, 11))
    futures_mark(TUESDAY)
    position.refresh_from_db()
    assert (position.average_price, position.realised_pnl_paise) == (Decimal(24050), 2500_00)
    assert ledger_verify() == []


def test_a_late_settlement_leaves_what_has_traded_since(desk: Desk, now: Callable[[datetime], None]) -> None:
    make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)
    future = contract("NFO:NIFTY26NOVFUT")
    for day in (MONDAY, TUESDAY):
        trade(desk, Side.BUY, 50, "24000", at(day), product=Product.NORMAL, instrument=future)
    settles_at(future, "24100", MONDAY)
    now(at(TUESDAY, 11))
    assert list(futures_mark(MONDAY).left.values()) == ["traded_since"]
    assert not PositionEvent.objects.exists()


def test_a_future_without_a_price_is_reported(desk: Desk, now: Callable[[datetime], None]) -> None:
    future = contract("NFO:NIFTY26NOVFUT")
    make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)
    trade(desk, Side.SELL, 50, "24000", at(MONDAY), product=Product.NORMAL, instrument=future)
    now(at(MONDAY, 11))
    assert list(futures_mark(MONDAY).left.values()) == ["no_settlement_price"]


def test_borrowed_money_costs_interest_over_the_weekend(desk: Desk, now: Callable[[datetime], None]) -> None:
    friday = date(2026, 11, 20)
    trade(desk, Side.BUY, 100, "1500", at(WEDNESDAY), product=Product.MTF)
    now(at(date(2026, 11, 19), 11))
    deliveries_settle()
    now(at(friday, 11))
    assert interest_post(friday).done == 1
    interest_post(friday)
    event = PositionEvent.objects.get(kind=Kind.INTEREST)
    # A quarter is the trader's own; 0.04 % a day of the rest until Monday.
    assert event.charges_paise == 112_500_00 * 3 * 4 // 10_000
    assert ledger_verify() == []


@pytest.mark.parametrize("is_noted", [True, False])
def test_interest_of_the_day_of_arrival_does_not_wait_for_the_note_of_it(
    desk: Desk, now: Callable[[datetime], None], is_noted: bool
) -> None:
    trade(desk, Side.BUY, 100, "1500", at(MONDAY), product=Product.MTF)
    now(at(TUESDAY, 11))
    if is_noted:
        deliveries_settle()
    interest_post(TUESDAY)
    assert PositionEvent.objects.get(kind=Kind.INTEREST).charges_paise == 112_500_00 * 4 // 10_000


def test_no_interest_runs_before_the_shares_are_paid_for(desk: Desk, now: Callable[[datetime], None]) -> None:
    trade(desk, Side.BUY, 100, "1500", at(MONDAY), product=Product.MTF)
    now(at(MONDAY, 11))
    interest_post(MONDAY)
    assert not PositionEvent.objects.exists()


# Expiry


@pytest.mark.parametrize(
    ("right", "quantity", "strike", "underlying", "physical", "deliverable", "expected"),
    [
        ("CE", 50, "24000", "24100", False, 0, [("EXERCISE", 50, "100", 0)]),
        ("CE", -50, "24000", "24100", False, 0, [("ASSIGNMENT", -50, "100", 0)]),
        ("CE", 50, "24000", "24000", False, 0, [("EXPIRY", 50, "0", 0)]),
        ("PE", -50, "24000", "24100", False, 0, [("EXPIRY", -50, "0", 0)]),
        ("PE", 50, "24000", "23900", False, 0, [("EXERCISE", 50, "100", 0)]),
        ("FUT", -50, None, "24100", False, 0, [("SETTLEMENT", -50, "24100", 0)]),
        ("CE", 50, "1500", "1600", True, 0, [("EXERCISE", 50, "0", 50)]),
        ("CE", -50, "1500", "1600", True, 50, [("ASSIGNMENT", -50, "0", -50)]),
        ("CE", -50, "1500", "1600", True, 20, [("ASSIGNMENT", -20, "0", -20), ("ASSIGNMENT", -30, "100", 0)]),
        ("PE", 50, "1500", "1400", True, 0, [("EXERCISE", 50, "100", 0)]),
        ("PE", -50, "1500", "1400", True, 0, [("ASSIGNMENT", -50, "0", 50)]),
        ("CE", 50, "1500", "1500", True, 0, [("EXPIRY", 50, "0", 0)]),
        ("FUT", 50, None, "1600", True, 0, [("SETTLEMENT", 50, "1600", 50)]),
        ("FUT", -50, None, "1600", True, 10, [("SETTLEMENT", -10, "1600", -10), ("SETTLEMENT", -40, "1600", 0)]),
    ],
)
def test_how_a_contract_ends(
    right: str,
    quantity: int,
    strike: str | None,
    underlying: str,
    physical: bool,
    deliverable: int,
    expected: list[tuple[str, int, str, int]],
) -> None:
    parts = settle(
        right=right,
        quantity=quantity,
        strike=None if strike is None else Decimal(strike),
        underlying=Decimal(underlying),
        physical=physical,
        deliverable=deliverable,
    )
    found = [(part.kind.value, part.quantity, str(part.price), part.delivered) for part in parts]
    assert found == expected


def cash(desk: Desk) -> int:
    """All that an account has in money and blocks."""
    with transaction.atomic():
        balance = account_lock(desk.account.id).balance
    return int(balance.available_paise + balance.margin_paise + balance.blocked_paise)


@pytest.fixture
def index(desk: Desk) -> Instrument:
    return make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)


def test_a_bought_index_option_in_the_money_is_exercised_and_taxed(
    desk: Desk, index: Instrument, now: Callable[[datetime], None]
) -> None:
    option = contract("NFO:NIFTY26NOV24000CE")
    trade(desk, Side.BUY, 50, "80", at(EXPIRY), product=Product.NORMAL, instrument=option)
    settles_at(index, "24123.45", EXPIRY)
    now(at(EXPIRY, 11))
    before = cash(desk)
    assert contracts_expire(EXPIRY).done == 1
    assert contracts_expire(EXPIRY).done == 0
    position = Position.objects.get(account=desk.account)
    event = PositionEvent.objects.get()
    assert position.quantity == 0
    assert (event.kind, event.value_paise, event.realised_pnl_paise) == (Kind.EXERCISE, 6172_50, 2172_50)
    # 0.15 % of the intrinsic value since April 2026.
    assert event.charges_paise == 9_26
    assert cash(desk) - before == 6172_50 - 9_26
    assert "settled at ₹24,123.45" in event.description
    assert ledger_verify() == []


def test_a_written_option_out_of_the_money_keeps_its_premium(
    desk: Desk, index: Instrument, now: Callable[[datetime], None]
) -> None:
    option = contract("NFO:NIFTY26NOV24000PE")
    trade(desk, Side.SELL, 50, "80", at(EXPIRY), product=Product.NORMAL, instrument=option)
    settles_at(index, "24123.45", EXPIRY)
    now(at(EXPIRY, 11))
    contracts_expire(EXPIRY)
    position = Position.objects.get(account=desk.account)
    assert (position.quantity, position.realised_pnl_paise) == (0, 4000_00)
    with transaction.atomic():
        balance = account_lock(desk.account.id).balance
    assert (balance.margin_paise, balance.inventory_paise) == (0, 0)
    assert ledger_verify() == []


def test_an_exercised_stock_option_becomes_shares_at_the_strike(
    desk: Desk, now: Callable[[datetime], None]
) -> None:
    option = contract("NFO:RELIANCE26NOV1500CE")
    trade(desk, Side.BUY, 50, "20", at(EXPIRY), product=Product.NORMAL, instrument=option)
    settles_at(desk.share, "1600", EXPIRY)
    now(at(EXPIRY, 11))
    contracts_expire(EXPIRY)
    shares = Position.objects.get(account=desk.account, product=Product.DELIVERY)
    assert (shares.quantity, shares.open_value_paise) == (50, 75_000_00)
    # STT of a delivery, 0.1 %, and stamp duty, 0.015 %.
    assert shares.charges_paise == 75_00 + 11_25
    assert DeliveryDay.objects.get(position=shares).bought == 50
    assert Position.objects.get(instrument=option).realised_pnl_paise == -1000_00
    assert ledger_verify() == []


def test_what_a_seller_has_not_got_is_closed_out_in_cash_and_told(
    desk: Desk, now: Callable[[datetime], None]
) -> None:
    from notifications.models import Notification

    buy_delivery(desk, quantity=20)
    option = contract("NFO:RELIANCE26NOV1500CE")
    trade(desk, Side.SELL, 50, "20", at(EXPIRY), product=Product.NORMAL, instrument=option)
    settles_at(desk.share, "1600", EXPIRY)
    now(at(EXPIRY, 11))
    contracts_expire(EXPIRY)
    written = Position.objects.get(instrument=option)
    # 20 delivered at the strike: the premium is kept; 30 bought in at 1600.
    assert (written.quantity, written.realised_pnl_paise) == (0, 50 * 20_00 - 30 * 100_00)
    assert Position.objects.get(product=Product.DELIVERY).quantity == 0
    assert "could not be delivered" in Notification.objects.latest("id").body
    assert ledger_verify() == []


# Corporate actions


def action(desk: Desk, kind: str, **terms: object) -> CorporateAction:
    made: CorporateAction = CorporateAction.objects.create(
        instrument=desk.share, kind=kind, ex_date=WEDNESDAY, **terms
    )
    return made


def test_a_split_multiplies_the_shares_also_those_on_their_way(desk: Desk, now: Callable[[datetime], None]) -> None:
    position = buy_delivery(desk, on=at(TUESDAY))
    now(at(WEDNESDAY, 0))
    split = action(desk, "SPLIT", ratio_held=1, ratio_after=5)
    assert corporate_action_apply(split).done == 1
    corporate_action_apply(split)
    position.refresh_from_db()
    assert (position.quantity, position.open_value_paise, position.average_price) == (50, 15_000_00, Decimal(300))
    (row,) = holdings(desk.trader)
    assert (row.settled_quantity, row.t1_quantity) == (0, 50)
    assert PositionEvent.objects.count() == 1
    split.refresh_from_db()
    assert split.applied_at is not None


def test_a_fraction_of_a_bonus_is_paid_in_cash(desk: Desk, now: Callable[[datetime], None]) -> None:
    position = buy_delivery(desk, quantity=5)
    now(at(WEDNESDAY, 0))
    corporate_action_apply(action(desk, "BONUS", ratio_held=2, ratio_after=3))
    position.refresh_from_db()
    event = PositionEvent.objects.get()
    # Seven and a half shares: half of one at the old price over the ratio.
    assert (position.quantity, event.value_paise) == (7, 500_00)
    assert event.facts.ratio == Fraction(3, 2)
    assert position.realised_pnl_paise == 500_00 - 7_500_00 // 15
    assert ledger_verify() == []


def test_a_dividend_is_paid_on_holdings_only(desk: Desk, now: Callable[[datetime], None]) -> None:
    position = buy_delivery(desk)
    trade(desk, Side.BUY, 10, "1500", at(MONDAY), product=Product.MTF)
    now(at(WEDNESDAY, 0))
    before = cash(desk)
    corporate_action_apply(action(desk, "DIVIDEND", amount=Decimal("5.50")))
    position.refresh_from_db()
    assert position.realised_pnl_paise == cash(desk) - before == 55_00
    assert PositionEvent.objects.count() == 1


def test_a_position_that_has_traded_on_the_ex_date_is_left_and_the_action_stays_open(
    desk: Desk, now: Callable[[datetime], None]
) -> None:
    buy_delivery(desk, on=at(WEDNESDAY))
    now(at(WEDNESDAY, 6))
    split = action(desk, "SPLIT", ratio_held=1, ratio_after=5)
    assert list(corporate_action_apply(split).left.values()) == ["traded_since"]
    split.refresh_from_db()
    assert split.applied_at is None
