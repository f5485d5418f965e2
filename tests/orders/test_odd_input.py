"""Books, prices and names that nobody expects: a clear answer each, and never half an order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInput, SaudaError
from core.tenancy import system_scope, tenant_scope
from notifications.models import Notification
from tests.orders.desk import Desk, make_desk, show_book
from tests.orders.test_api import body, client_of, post
from trading.brokers.domain.terms import Product, Side, Validity
from trading.orders.models import Fill, Order
from trading.orders.paper.matcher import sweep
from trading.orders.services import OrderModification, order_modify, order_submit
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import Position
from trading.portfolio.selectors import marked_positions
from trading.portfolio.services import ledger_verify


@pytest.fixture(autouse=True)
def _books_balance(desk: Desk) -> Iterator[None]:
    yield
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


@pytest.mark.parametrize("asks", [(), (("100.00", 0),)])
def test_market_order_meets_an_empty_side_and_waits_within_its_band(desk: Desk, asks: tuple[()]) -> None:
    show_book(asks=asks)
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.filled_quantity) == ("OPEN", 0)
    assert order.hold_paise > 0
    show_book(asks=(("100.05", 10),))
    with system_scope():
        assert sweep() == 10


def test_ioc_order_meets_an_empty_book_and_is_gone(desk: Desk) -> None:
    show_book(asks=(), bids=())
    order = order_submit(actor=desk.trader, intent=desk.intent(validity=Validity.IOC))
    assert (order.status, order.hold_paise) == ("CANCELLED", 0)
    assert not Fill.objects.exists()


def test_market_order_without_a_last_price_is_refused(desk: Desk) -> None:
    show_book(ltp="0", asks=(("100.00", 10),))
    order = order_submit(actor=desk.trader, intent=desk.intent())
    assert (order.status, order.status_code) == ("REJECTED", "no_quote")


def test_one_name_in_two_accounts_is_two_orders(desk: Desk) -> None:
    show_book()
    other = make_desk()
    name = "क्रय-१ 🙂"
    first = order_submit(actor=desk.trader, intent=desk.intent(client_order_id=name))
    with tenant_scope(other.organisation.id):
        second = order_submit(actor=other.trader, intent=other.intent(client_order_id=name))
    assert first.id != second.id
    assert {first.status, second.status} == {"FILLED"}


@pytest.mark.parametrize("name", ["x" * 65, "a\x00b", "line\nbreak", "\ud800", "   "])
def test_names_that_cannot_be_kept_are_refused_by_the_service(desk: Desk, name: str) -> None:
    show_book()
    with pytest.raises(InvalidInput) as refused:
        order_submit(actor=desk.trader, intent=desk.intent(client_order_id=name))
    assert refused.value.code == "invalid_client_order_id"
    assert not Order.objects.exists()


@pytest.mark.parametrize("name", ["x" * 65, "a\x00b", "\ud800", "clé"])
def test_odd_names_over_http_are_answered_without_an_error_of_ours(desk: Desk, name: str) -> None:
    show_book()
    client = client_of(desk)
    client.raise_request_exception = False
    answers = [post(client, body(desk, client_order_id=name))]
    if name.isascii():
        answers.append(post(client, body(desk), **{"Idempotency-Key": name}))
    assert {answer.status_code for answer in answers} <= {201, 400}, [answer.content for answer in answers]


@pytest.mark.parametrize("field", ["strategy", "tag"])
@pytest.mark.parametrize("text", ["x" * 65, "a\x00b"])
def test_texts_that_cannot_be_stored_are_refused(desk: Desk, field: str, text: str) -> None:
    show_book()
    with pytest.raises(InvalidInput):
        order_submit(actor=desk.trader, intent=desk.intent(**{field: text}))


def test_price_moved_through_the_market_trades_at_the_markets_price(desk: Desk) -> None:
    show_book(asks=(("100.00", 4), ("100.05", 100)))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="99.50"))
    order_modify(
        actor=desk.trader, order_id=order.id, modification=OrderModification(price=desk.intent(price="101").price)
    )
    order.refresh_from_db()
    assert order.status == "FILLED"
    assert sorted(str(fill.price) for fill in order.fills.all()) == ["100.0000", "100.0500"]
    assert order.hold_paise == 0


def test_modified_part_fill_holds_for_what_is_left_only(desk: Desk) -> None:
    show_book(asks=(("99.50", 4),))
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="99.50"))
    assert order.filled_quantity == 4
    six_left = order.hold_paise
    up = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=22))
    assert up.hold_paise >= 3 * six_left * 99 // 100
    down = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=5))
    assert 0 < down.hold_paise <= six_left // 6 + 100
    done = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=4))
    assert (done.status, done.hold_paise) == ("FILLED", 0)
    with pytest.raises(SaudaError):
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=5))


def test_modifying_to_what_a_delivery_sale_may_not_sell_is_refused_and_the_order_stays(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10, product=Product.DELIVERY))
    sale = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 6, price="101", product=Product.DELIVERY))
    with pytest.raises(SaudaError) as refused:
        order_modify(actor=desk.trader, order_id=sale.id, modification=OrderModification(quantity=11))
    assert refused.value.code == "insufficient_holdings"
    sale.refresh_from_db()
    assert (sale.status, sale.quantity) == ("OPEN", 6)
    assert (
        order_modify(actor=desk.trader, order_id=sale.id, modification=OrderModification(quantity=10)).quantity
        == 10
    )


def test_overnight_position_counts_the_day_from_yesterdays_close(desk: Desk) -> None:
    show_book(asks=(("90.00", 100),), ltp="90.00", at=datetime.now(UTC) - timedelta(days=1))
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10, product=Product.DELIVERY))
    show_book()
    (held,) = marked_positions(account_ids=[desk.account.id])
    assert (held.day_pnl_paise, held.unrealised_paise) == ((100_00 - 99_00) * 10, (100_00 - 90_00) * 10)
    assert (held.settled_quantity, held.t1_quantity, held.day_charges_paise) == (10, 0, 0)
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 4, product=Product.DELIVERY))
    (held,) = marked_positions(account_ids=[desk.account.id])
    assert held.day_pnl_paise == 4 * (99_95 - 99_00) + 6 * (100_00 - 99_00)
    assert held.day_realised_paise == 4 * (99_95 - 90_00)
    assert Position.objects.get().day_open_quantity == 10


def test_notices_say_what_happened(desk: Desk, settings) -> None:
    show_book(asks=(("99.00", 4), ("100.00", 1)))
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10, price="100.00"))
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 3))
    told = list(Notification.objects.order_by("created_at").values_list("kind", "title", "body"))
    assert told == [
        ("trade_executed", "Bought 5 NSE:RELIANCE at ₹99.20", "5 of 10 filled."),
        ("order_rejected", "Refused: SELL 3 NSE:RELIANCE", "Nobody trades today."),
    ]
