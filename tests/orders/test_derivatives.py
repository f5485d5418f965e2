"""Futures and options: lots, the margin of a written option, the day of expiry and after."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core import clock
from core.errors import InvalidInput
from core.tenancy import system_scope, tenant_scope
from tests.factories import make_instrument
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.instruments.process_cache import forget_reference_data
from trading.orders.services import order_preview, order_submit, position_close
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, MarginBlock, Position
from trading.portfolio.services import ledger_verify

CALL = "NFO:NIFTY26NOV24000CE"
FUTURE = "NFO:NIFTY26NOVFUT"
LOT = 65


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    desk = make_desk(paise=50_00_000_00)
    with tenant_scope(desk.organisation.id):
        yield desk
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


def contract(key: str = CALL, *, days: int = 5) -> Instrument:
    expiry = clock.trading_date() + timedelta(days=days)
    return make_instrument(key, expiry=expiry, lot_size=LOT, freeze_quantity=10 * LOT)


def on(desk: Desk, instrument: Instrument) -> Desk:
    return replace(desk, instrument=instrument)


def book(key: str = CALL, bid: str = "99.95", ask: str = "100.00") -> None:
    show_book(key=key, bids=((bid, 10_000),), asks=((ask, 10_000),), ltp=ask)


def spot(price: str = "24000.00") -> None:
    """Where the index stands."""
    show_book(key="NSE:NIFTY", bids=(), asks=(), ltp=price, close="24000.00")


def test_written_option_blocks_what_it_can_lose_until_it_is_bought_back(desk: Desk) -> None:
    desk = on(desk, contract())
    book()
    spot()
    sold = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, LOT, product=Product.NORMAL))
    assert sold.status == "FILLED"
    margin = LedgerBalance.objects.get().margin_paise
    # The scan range and the exposure of one lot, and a little for volatility.
    notional = 24_000_00 * LOT
    assert notional * 0.08 < margin < notional * 0.16
    assert margin == MarginBlock.objects.get().amount_paise
    closed = position_close(actor=desk.trader, position_id=Position.objects.get().id)
    assert closed.status == "FILLED"
    assert LedgerBalance.objects.get().margin_paise == 0
    assert Position.objects.get().realised_pnl_paise == -5 * LOT


def test_bought_option_pays_its_premium_and_no_more(desk: Desk) -> None:
    desk = on(desk, contract())
    book()
    before = LedgerBalance.objects.get().available_paise
    bought = order_submit(actor=desk.trader, intent=desk.intent(Side.BUY, LOT, product=Product.NORMAL))
    assert bought.status == "FILLED"
    after = LedgerBalance.objects.get()
    assert (after.margin_paise, after.inventory_paise) == (0, 100_00 * LOT)
    assert before - after.available_paise == after.inventory_paise + bought.charges_paise
    # The flat fee of an option order, and levies on the premium.
    assert 20_00 < bought.charges_paise < 40_00


def test_part_fills_of_an_option_order_pay_its_flat_brokerage_once(desk: Desk) -> None:
    desk = on(desk, contract())
    show_book(key=CALL, asks=(("100.00", LOT), ("100.05", LOT), ("100.10", LOT)))
    order = order_submit(actor=desk.trader, intent=desk.intent(Side.BUY, 3 * LOT, product=Product.NORMAL))
    assert order.status == "FILLED"
    assert [fill.brokerage_paise for fill in order.fills.order_by("price")] == [20_00, 0, 0]


def test_future_blocks_a_part_of_its_value_and_turns_through_zero(desk: Desk) -> None:
    desk = on(desk, contract(FUTURE))
    book(FUTURE, "24000.00", "24000.05")
    order_submit(actor=desk.trader, intent=desk.intent(Side.BUY, LOT, product=Product.NORMAL))
    turned = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 2 * LOT, product=Product.NORMAL))
    assert turned.status == "FILLED"
    position = Position.objects.get()
    assert (position.quantity, position.margin_paise) == (-LOT, 0)
    # The scan range of 9.3 % and the exposure of 2 %, of the last price.
    assert LedgerBalance.objects.get().margin_paise == pytest.approx(24_000_05 * LOT * 0.113, abs=2)
    assert position.realised_pnl_paise == -5 * LOT


@pytest.mark.parametrize(
    ("quantity", "code"), [(LOT - 1, "not_a_lot_multiple"), (11 * LOT, "above_freeze_quantity")]
)
def test_quantities_that_the_exchange_refuses_are_named(desk: Desk, quantity: int, code: str) -> None:
    desk = on(desk, contract())
    book()
    with pytest.raises(InvalidInput) as refused:
        order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity, product=Product.NORMAL))
    assert refused.value.code == code


def test_contract_trades_on_its_last_day_and_not_after(desk: Desk) -> None:
    desk = on(desk, contract(days=0))
    book()
    assert (
        order_submit(actor=desk.trader, intent=desk.intent(quantity=LOT, product=Product.NORMAL)).status == "FILLED"
    )
    Instrument.objects.filter(key=CALL).update(expiry=clock.trading_date() - timedelta(days=1))
    forget_reference_data()
    late = order_submit(actor=desk.trader, intent=desk.intent(quantity=LOT, product=Product.NORMAL))
    assert (late.status, late.status_code) == ("REJECTED", "instrument_expired")


def test_position_beyond_the_freeze_quantity_can_be_left(desk: Desk) -> None:
    desk = on(desk, contract())
    book(bid="9.95", ask="10.00")
    for _ in range(2):
        intent = desk.intent(quantity=10 * LOT, product=Product.NORMAL)
        assert order_submit(actor=desk.trader, intent=intent).status == "FILLED"
    position = Position.objects.get()
    first = position_close(actor=desk.trader, position_id=position.id)
    assert (first.status, first.quantity) == ("FILLED", 10 * LOT)
    position.refresh_from_db()
    assert position.quantity == 0


def test_preview_of_a_written_option_names_the_margin_that_is_then_blocked(desk: Desk) -> None:
    desk = on(desk, contract())
    book()
    spot()
    intent = desk.intent(Side.SELL, LOT, price="100.00", product=Product.NORMAL)
    preview = order_preview(actor=desk.trader, intent=intent)
    order = order_submit(actor=desk.trader, intent=intent)
    assert order.status == "OPEN"
    assert order.hold_paise == preview.margin_paise + int(preview.charges.total * 100)
    assert preview.margin_paise > 24_000_00 * LOT * 0.08
