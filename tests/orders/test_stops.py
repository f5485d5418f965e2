"""Stop orders: they wait, trigger once, and never trade before their trigger or beyond their worst price."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, InvalidInput, Unprocessable
from core.tenancy import system_scope
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.messages import (
    Acknowledged,
    BrokerOrder,
    BrokerReport,
    Cancelled,
    Execution,
    Triggered,
)
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.orders.domain.matching import protection_price
from trading.orders.domain.progress import Progress, fold
from trading.orders.domain.states import OrderStatus
from trading.orders.domain.stops import is_reached
from trading.orders.models import Fill, Order, OrderEvent
from trading.orders.paper.exchange import PaperExchange
from trading.orders.paper.matcher import sweep
from trading.orders.services import (
    OrderModification,
    order_cancel,
    order_modify,
    order_preview,
    order_submit,
    orders_expire,
)
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, Position
from trading.portfolio.services import ledger_verify

TICK = Decimal("0.05")


@pytest.fixture(autouse=True)
def _books_balance(desk: Desk) -> Iterator[None]:
    yield
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []
        assert LedgerBalance.objects.get().blocked_paise == sum(Order.objects.values_list("hold_paise", flat=True))


def stop(desk: Desk, side: Side = Side.BUY, quantity: int = 10, **terms: object) -> Order:
    """A stop in the book, the last price standing at 100."""
    show_book()
    terms.setdefault("order_type", OrderType.SL if "price" in terms else OrderType.SL_M)
    order = order_submit(actor=desk.trader, intent=desk.intent(side, quantity, **terms))
    assert order.status == "TRIGGER_PENDING", order.status_message
    return order


def trade_at(ltp: str, spread: str = "0.05", depth: int = 1000) -> int:
    """The market trades at `ltp`, with a book around it, and the sweep comes by."""
    price = Decimal(ltp)
    asks, bids = ((str(price), depth),), ((str(price - Decimal(spread)), depth),)
    show_book(ltp=ltp, asks=asks, bids=bids, at=datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1))
    with system_scope():
        return sweep()


def event_types(order: Order) -> list[str]:
    return list(OrderEvent.objects.filter(order_id=order.id).order_by("seq").values_list("type", flat=True))


def test_stop_waits_until_its_trigger_and_then_trades(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102))
    assert order.hold_paise > 0
    assert trade_at("101.95") == 0
    assert trade_at("102.00") == 10
    order.refresh_from_db()
    assert (order.status, order.average_price, order.hold_paise) == ("FILLED", Decimal(102), 0)
    assert event_types(order) == ["ACCEPTED", "ROUTED", "OPENED", "TRIGGERED", "TRADED"]
    assert order.triggered_at is not None


def test_sell_stop_triggers_as_the_market_falls(desk: Desk) -> None:
    show_book()
    order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    order = stop(desk, Side.SELL, trigger_price=Decimal(98), price=Decimal("97.50"))
    assert order.hold_paise == 0
    assert trade_at("98.05") == 0
    assert trade_at("97.80") == 10
    assert Position.objects.get().quantity == 0


def test_sl_whose_limit_the_market_has_jumped_rests_triggered(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102), price=Decimal("102.50"))
    assert trade_at("104.00") == 0
    order.refresh_from_db()
    assert order.status == "OPEN"
    assert trade_at("102.50") == 10


def test_band_of_an_sl_m_is_measured_from_the_price_that_triggers_it(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102))
    assert order.worst_price is None
    trade_at("110.00", depth=1)
    order.refresh_from_db()
    assert order.worst_price == protection_price(
        side=Side.BUY, reference=Decimal(110), percent=Decimal(3), tick_size=TICK
    )


def test_jump_beyond_what_the_account_can_pay_cancels_the_stop_and_says_so(desk: Desk) -> None:
    order = stop(desk, quantity=9_000, trigger_price=Decimal(102), product=Product.DELIVERY)
    trade_at("180.00", depth=10)
    order.refresh_from_db()
    assert (order.status, order.status_code, order.hold_paise) == ("CANCELLED", "insufficient_funds", 0)


@pytest.mark.parametrize(
    ("side", "terms", "code"),
    [
        (Side.BUY, {"trigger_price": Decimal(100)}, "trigger_crossed"),
        (Side.BUY, {"trigger_price": Decimal(99)}, "trigger_crossed"),
        (Side.SELL, {"trigger_price": Decimal(100)}, "trigger_crossed"),
        (Side.SELL, {"trigger_price": Decimal(101)}, "trigger_crossed"),
        (Side.BUY, {"trigger_price": Decimal(115)}, "trigger_out_of_band"),
        (Side.BUY, {"trigger_price": Decimal(105), "price": Decimal(117)}, "price_out_of_band"),
    ],
)
def test_stop_that_cannot_wait_is_refused_by_name(
    desk: Desk, settings, side: Side, terms: dict[str, Decimal], code: str
) -> None:
    settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    show_book()
    kind = OrderType.SL if "price" in terms else OrderType.SL_M
    order = order_submit(actor=desk.trader, intent=desk.intent(side, order_type=kind, **terms))
    assert (order.status, order.status_code) == ("REJECTED", code)


def test_stop_without_a_price_to_judge_it_by_is_refused(desk: Desk) -> None:
    intent = desk.intent(order_type=OrderType.SL_M, trigger_price=Decimal(102))
    order = order_submit(actor=desk.trader, intent=intent)
    assert (order.status, order.status_code) == ("REJECTED", "no_quote")


def test_preview_of_a_stop_does_nothing_to_the_present_book(desk: Desk) -> None:
    show_book()
    intent = desk.intent(order_type=OrderType.SL_M, trigger_price=Decimal(102))
    preview = order_preview(actor=desk.trader, intent=intent)
    assert preview.allowed
    assert preview.impact.quantity == 0
    assert preview.margin_paise > 0


def test_ioc_stop_waits_and_is_then_immediate(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102), validity=Validity.IOC)
    assert trade_at("102.00", depth=4) == 4
    order.refresh_from_db()
    assert (order.status, order.filled_quantity, order.status_code) == ("CANCELLED", 4, "ioc_remainder")


@pytest.mark.parametrize("validity", Validity)
def test_waiting_stop_ends_with_its_session(desk: Desk, validity: Validity) -> None:
    order = stop(desk, trigger_price=Decimal(102), validity=validity)
    with system_scope():
        assert orders_expire(datetime.now(UTC) + timedelta(days=1)) == 1
    order.refresh_from_db()
    assert (order.status, order.hold_paise) == ("EXPIRED", 0)


def test_waiting_stop_is_moved_and_its_hold_follows(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102), price=Decimal(102), product=Product.DELIVERY)
    change = OrderModification(trigger_price=Decimal(104), price=Decimal(105))
    moved = order_modify(actor=desk.trader, order_id=order.id, modification=change)
    assert (moved.trigger_price, moved.price, moved.status) == (Decimal(104), Decimal(105), "TRIGGER_PENDING")
    assert moved.hold_paise > order.hold_paise
    assert trade_at("103.00") == 0


def test_stop_cannot_be_moved_behind_the_market(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102))
    with pytest.raises(Unprocessable) as refused:
        order_modify(
            actor=desk.trader, order_id=order.id, modification=OrderModification(trigger_price=Decimal(99))
        )
    assert refused.value.code == "trigger_crossed"
    assert OrderEvent.objects.filter(order_id=order.id, type="MODIFY_REFUSED").count() == 1


def test_limit_of_a_moved_stop_stays_on_its_side(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102), price=Decimal(102))
    with pytest.raises(InvalidInput) as refused:
        order_modify(
            actor=desk.trader, order_id=order.id, modification=OrderModification(trigger_price=Decimal(104))
        )
    assert refused.value.code == "stop_price_inverted"


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        (OrderModification(order_type=OrderType.MARKET), "FILLED", "MARKET"),
        (OrderModification(order_type=OrderType.LIMIT, price=Decimal(99)), "OPEN", "LIMIT"),
        (OrderModification(order_type=OrderType.SL, price=Decimal(103)), "TRIGGER_PENDING", "SL"),
    ],
)
def test_waiting_stop_becomes_another_type(desk: Desk, change: OrderModification, status: str, kind: str) -> None:
    order = stop(desk, trigger_price=Decimal(102))
    changed = order_modify(actor=desk.trader, order_id=order.id, modification=change)
    assert (changed.status, changed.order_type) == (status, kind)
    assert (changed.trigger_price is None) == (kind in ("MARKET", "LIMIT"))


def test_resting_limit_becomes_a_stop_and_waits(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))
    change = OrderModification(order_type=OrderType.SL_M, trigger_price=Decimal(102))
    changed = order_modify(actor=desk.trader, order_id=order.id, modification=change)
    assert (changed.status, changed.price, changed.worst_price) == ("TRIGGER_PENDING", None, None)
    assert trade_at("102.00") == 10


def test_resting_limit_takes_the_markets_price(desk: Desk) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.00"))
    changed = order_modify(
        actor=desk.trader, order_id=order.id, modification=OrderModification(order_type=OrderType.MARKET)
    )
    assert (changed.status, changed.average_price) == ("FILLED", Decimal(100))


def test_triggered_stop_is_a_plain_order_from_there_on(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102), price=Decimal("102.50"))
    trade_at("104.00")
    for change in (OrderModification(trigger_price=Decimal(106)), OrderModification(order_type=OrderType.SL_M)):
        with pytest.raises(InvalidInput) as refused:
            order_modify(actor=desk.trader, order_id=order.id, modification=change)
        assert refused.value.code == "already_triggered"
    lower = order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(price=Decimal(101)))
    assert (lower.status, lower.order_type, lower.price) == ("OPEN", "SL", Decimal(101))
    assert trade_at("101.00") == 10


def test_waiting_stop_is_cancelled_once(desk: Desk) -> None:
    order = stop(desk, trigger_price=Decimal(102))
    assert order_cancel(actor=desk.trader, order_id=order.id).hold_paise == 0
    with pytest.raises(Conflict) as again:
        order_cancel(actor=desk.trader, order_id=order.id)
    assert again.value.code == "order_cancelled"
    assert trade_at("103.00") == 0
    assert not Fill.objects.exists()


def test_taking_an_order_down_asks_no_gate(desk: Desk, settings) -> None:
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(price="99.00", disclosed_quantity=5))
    settings.PRE_TRADE_GATES = ["tests.orders.desk.ShutGate"]
    show_book(age=timedelta(minutes=5))
    less = order_modify(
        actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=6, disclosed_quantity=2)
    )
    assert (less.quantity, less.disclosed_quantity) == (6, 2)
    assert 0 < less.hold_paise < order.hold_paise
    with pytest.raises(Unprocessable) as refused:
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=7))
    assert refused.value.code == "desk_closed"


@pytest.mark.parametrize(
    ("shown", "validity", "allowed"),
    [(10, Validity.DAY, True), (9, Validity.DAY, False), (101, Validity.DAY, False), (50, Validity.IOC, False)],
)
def test_a_tenth_is_disclosed_at_least_and_of_an_ioc_all(
    desk: Desk, shown: int, validity: Validity, allowed: bool
) -> None:
    show_book()
    intent = desk.intent(quantity=100, price="99.00", disclosed_quantity=shown, validity=validity)
    if allowed:
        assert order_submit(actor=desk.trader, intent=intent).disclosed_quantity == shown
        return
    with pytest.raises(InvalidInput) as refused:
        order_submit(actor=desk.trader, intent=intent)
    assert refused.value.code == "invalid_disclosed_quantity"


def test_shares_on_margin_block_a_part_and_cannot_be_sold_short(desk: Desk) -> None:
    show_book()
    bought = order_submit(actor=desk.trader, intent=desk.intent(quantity=100, product=Product.MTF))
    assert bought.status == "FILLED", bought.status_message
    assert LedgerBalance.objects.get().margin_paise == 100 * 100_00 // 4
    short = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 101, product=Product.MTF))
    assert (short.status, short.status_code) == ("REJECTED", "insufficient_holdings")
    sold = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, 100, product=Product.MTF))
    assert sold.status == "FILLED"
    assert LedgerBalance.objects.get().margin_paise == 0


prices = st.integers(min_value=1_800, max_value=2_400).map(lambda ticks: ticks * TICK)


@given(
    side=st.sampled_from(Side),
    away=st.integers(min_value=1, max_value=100),
    room=st.integers(min_value=0, max_value=60),
    kind=st.sampled_from([OrderType.SL, OrderType.SL_M]),
    path=st.lists(prices, min_size=1, max_size=8),
)
def test_no_fill_before_the_trigger_and_none_beyond_the_worst_price(
    side: Side, away: int, room: int, kind: OrderType, path: list[Decimal]
) -> None:
    """The pure rules as the paper exchange puts them together, over any path of last prices."""
    now = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    trigger = Decimal(100) + away * TICK * side.sign
    limit = trigger + room * TICK * side.sign if kind is OrderType.SL else None
    order = BrokerOrder(
        "tag", "NSE:RELIANCE", side, 10, 0, kind, Product.INTRADAY, Validity.DAY, limit, trigger_price=trigger
    )
    triggered = False
    for step, ltp in enumerate(path):
        at = now + timedelta(seconds=step)
        level = (DepthLevel(ltp, 3),)
        quote = Quote(
            key=order.key, ltp=ltp, open=ltp, high=ltp, low=ltp, close=ltp, bids=level, asks=level, timestamp=at,
            received_at=at, source="simulated", sequence=step,
        )  # fmt: skip
        exchange = PaperExchange(quote, at)
        reports = exchange.trigger(order)
        assert bool(reports) == (not triggered and is_reached(side, trigger, ltp))
        if reports:
            triggered = True
            worst = limit or protection_price(side=side, reference=ltp, percent=Decimal(3), tick_size=TICK)
            order = BrokerOrder(
                "tag", order.key, side, 10, 0, kind, Product.INTRADAY, Validity.DAY, worst,
                trigger_price=trigger, is_triggered=True,
            )  # fmt: skip
        for report in exchange.match(order):
            assert triggered
            assert isinstance(report, Execution)
            assert order.price is not None
            assert (order.price - report.price) * side.sign >= 0


@given(order=st.permutations(range(5)), repeats=st.lists(st.integers(0, 4), max_size=4))
def test_reports_of_a_stop_in_any_order_end_in_the_same_state(order: list[int], repeats: list[int]) -> None:
    at = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    reports: list[BrokerReport] = [
        Acknowledged("b", at),
        Triggered(at, Decimal(102)),
        Execution("t1", 4, Decimal(102), at),
        Execution("t2", 3, Decimal(102), at),
        Cancelled("cancelled", at),
    ]
    start = Progress(quantity=10, status=OrderStatus.ROUTING, waits_for_trigger=True)
    seen = [reports[index] for index in [*order, *repeats]]
    end = fold(start, seen)
    assert (end.status, end.filled_quantity, end.waits_for_trigger) == (OrderStatus.CANCELLED, 7, False)
