"""Orders that rest: matched by quotes, swept, modified, cancelled, expired."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Conflict, InvalidInput, Unprocessable
from core.tenancy import system_scope
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Product, Side, Validity
from trading.orders.models import Fill, Order, OrderEvent
from trading.orders.paper.matcher import PaperMatcher, sweep
from trading.orders.services import (
    OrderModification,
    order_cancel,
    order_modify,
    order_submit,
    orders_expire,
    position_close,
)
from trading.portfolio.models import FundsHold, LedgerBalance, Position
from trading.portfolio.services import ledger_verify


@pytest.fixture(autouse=True)
def _books_balance(desk: Desk) -> Iterator[None]:
    """Whatever a test here does, the ledger verifies and holds are those of the live orders."""
    yield
    with system_scope():
        assert ledger_verify() == []
        assert LedgerBalance.objects.get().blocked_paise == sum(Order.objects.values_list("hold_paise", flat=True))


def rest(desk: Desk, quantity: int = 10, price: str = "99.50", **changes: object) -> Order:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity, price=price, **changes))
    assert order.status == "OPEN"
    return order


def test_matcher_fills_a_resting_order_at_the_snapshots_price_and_time(desk: Desk) -> None:
    matcher = PaperMatcher()
    order = rest(desk)
    quote = show_book(asks=(("99.40", 100),), ltp="99.45")
    matcher.on_quotes({quote.key: quote})
    order.refresh_from_db()
    fill = Fill.objects.get()
    assert (order.status, fill.price, fill.traded_at) == ("FILLED", Decimal("99.40"), quote.timestamp)
    assert order.hold_paise == 0
    assert not FundsHold.objects.exists()


def test_snapshot_is_never_consumed_twice(desk: Desk) -> None:
    matcher = PaperMatcher()
    order = rest(desk)
    quote = show_book(asks=(("99.40", 4),))
    for _ in range(3):
        matcher.on_quotes({quote.key: quote})
        with system_scope():
            sweep()
    order.refresh_from_db()
    assert (order.status, order.filled_quantity) == ("PARTIALLY_FILLED", 4)
    show_book(asks=(("99.40", 100),))
    with system_scope():
        assert sweep() == 6
    order.refresh_from_db()
    assert order.status == "FILLED"


def test_market_remainder_fills_from_the_next_snapshot_within_its_band(desk: Desk) -> None:
    show_book(asks=(("100.00", 4),))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    show_book(asks=(("103.05", 100),), ltp="103.00")
    with system_scope():
        assert sweep() == 0
        show_book(asks=(("102.95", 100),), ltp="103.00")
        assert sweep() == 6
    order.refresh_from_db()
    assert order.status == "FILLED"


def test_order_modified_to_a_crossing_price_trades_at_once(desk: Desk) -> None:
    order = rest(desk)
    changed = order_modify(
        actor=desk.trader, order_id=order.id, modification=OrderModification(price=Decimal("100.00"))
    )
    assert (changed.status, changed.average_price) == ("FILLED", Decimal(100))


def test_hold_follows_a_modification(desk: Desk) -> None:
    order = rest(desk, product=Product.DELIVERY)
    before = order.hold_paise
    double = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=20))
    assert double.hold_paise > before * 19 // 10
    half = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=5))
    assert half.hold_paise < before


def test_modification_beyond_the_funds_is_refused_stored_and_changes_nothing(desk: Desk) -> None:
    order = rest(desk, product=Product.DELIVERY)
    with pytest.raises(Unprocessable) as refused:
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=500_000))
    assert refused.value.code == "insufficient_funds"
    stored = Order.objects.get()
    assert (stored.quantity, stored.hold_paise, stored.status) == (10, order.hold_paise, "OPEN")
    assert OrderEvent.objects.order_by("-seq")[0].type == "MODIFY_REFUSED"


def test_modification_passes_the_gates_anew(desk: Desk, settings) -> None:
    order = rest(desk)
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ModestGate"]
    with pytest.raises(Unprocessable) as refused:
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=101))
    assert refused.value.code == "too_many"


def test_quantity_cannot_go_below_what_filled_and_equal_completes(desk: Desk) -> None:
    show_book(asks=(("99.50", 4),))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="99.50"))
    with pytest.raises(InvalidInput) as refused:
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=3))
    assert refused.value.code == "quantity_below_filled"
    done = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=4))
    assert (done.status, done.hold_paise) == ("FILLED", 0)


def test_final_orders_can_be_neither_modified_nor_cancelled(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent())
    with pytest.raises(Conflict) as modified:
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=20))
    with pytest.raises(Conflict) as cancelled:
        order_cancel(actor=desk.trader, order_id=order.id)
    assert modified.value.code == cancelled.value.code == "order_filled"


def test_cancelling_keeps_what_filled_and_releases_the_hold(desk: Desk) -> None:
    show_book(asks=(("99.50", 4),))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="99.50"))
    cancelled = order_cancel(actor=desk.trader, order_id=order.id)
    assert (cancelled.status, cancelled.filled_quantity, cancelled.hold_paise) == ("CANCELLED", 4, 0)
    assert Position.objects.get().quantity == 4
    with pytest.raises(Conflict) as again:
        order_cancel(actor=desk.trader, order_id=order.id)
    assert again.value.code == "order_cancelled"
    assert Order.objects.get().event_seq == cancelled.event_seq


def test_day_order_expires_after_its_day_and_not_before(desk: Desk) -> None:
    order = rest(desk)
    with system_scope():
        assert orders_expire() == 0
        assert orders_expire(datetime.now(UTC) + timedelta(days=1)) == 1
    order.refresh_from_db()
    assert (order.status, order.hold_paise) == ("EXPIRED", 0)


def test_closing_takes_the_whole_position_back_to_flat(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 10))
    position = Position.objects.get()
    assert position.quantity == -10
    assert position_close(actor=desk.trader, position_id=position.id).status == "FILLED"
    with pytest.raises(Conflict) as flat:
        position_close(actor=desk.trader, position_id=position.id)
    assert flat.value.code == "position_flat"


def test_order_with_broken_books_does_not_keep_the_others_from_trading(desk: Desk) -> None:
    broken = rest(desk)
    whole = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 10, price="100.50"))
    row = Order.objects.filter(id=broken.id)
    row.update(hold_paise=10**12)
    show_book(asks=(("99.00", 100),), bids=(("100.50", 100),))
    with system_scope():
        assert sweep() == 10
    whole.refresh_from_db()
    broken.refresh_from_db()
    assert (whole.status, broken.status) == ("FILLED", "OPEN")
    row.update(hold_paise=FundsHold.objects.get(order_id=broken.id).amount_paise)


def test_ioc_never_rests(desk: Desk) -> None:
    show_book()
    intent = replace(desk.intent(price="99.00"), validity=Validity.IOC)
    assert order_submit(actor=desk.trader, intent=intent).status == "CANCELLED"
