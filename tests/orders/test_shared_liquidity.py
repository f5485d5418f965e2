"""Displayed quantity is there once, for all accounts of all organisations and in every process."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side, Validity
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.liquidity import NO_SNAPSHOT, Consumed, Snapshot, take
from trading.orders.models import Fill, Order, PaperBook
from trading.orders.paper.matcher import sweep
from trading.orders.services import order_submit
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.paper.liquidity import liquidity_lock, liquidity_take
from trading.portfolio.services import ledger_verify

AT = datetime(2026, 11, 20, 5, tzinfo=UTC)
FIRST = Snapshot(1_000_000, 1, 5_000_000)
LATER = Snapshot(2_000_000, 2, 6_000_000)
REWOUND = Snapshot(500_000, 1, 7_000_000)


@pytest.mark.parametrize(
    ("consumed", "snapshot", "wanted", "reachable", "expected"),
    [
        (Consumed(NO_SNAPSHOT), FIRST, 10, 100, (0, 10)),
        (Consumed(FIRST, asks=30), FIRST, 10, 100, (30, 10)),
        (Consumed(FIRST, asks=95), FIRST, 10, 100, (95, 5)),
        (Consumed(FIRST, asks=100), FIRST, 10, 100, (100, 0)),
        (Consumed(FIRST, asks=80), FIRST, 10, 50, (80, 0)),
        (Consumed(FIRST, bids=80), FIRST, 10, 50, (0, 10)),
        (Consumed(FIRST, asks=100), LATER, 10, 100, (0, 10)),
        (Consumed(LATER, asks=100), FIRST, 10, 100, None),
        (Consumed(LATER, asks=100), REWOUND, 10, 100, (0, 10)),
    ],
    ids=[
        "untouched",
        "behind another",
        "what is left",
        "nothing left",
        "others went deeper",
        "other side",
        "new snapshot",
        "old snapshot",
        "a replay set the clock back",
    ],
)
def test_a_taker_gets_what_those_before_it_left(
    consumed: Consumed, snapshot: Snapshot, wanted: int, reachable: int, expected: tuple[int, int] | None
) -> None:
    after, taken = take(consumed, snapshot, Side.BUY, wanted=wanted, reachable=reachable)
    assert (taken and (taken.start, taken.quantity)) == expected
    if taken is None:
        assert after == consumed
    else:
        assert after.asks == taken.start + taken.quantity


takes = st.lists(
    st.tuples(st.sampled_from(list(Side)), st.integers(1, 60), st.integers(0, 100), st.integers(0, 2)), max_size=12
)


def quote_number(number: int) -> Quote:
    return Quote(
        key="NSE:RELIANCE",
        ltp=Decimal(100),
        open=Decimal(100),
        high=Decimal(100),
        low=Decimal(100),
        close=Decimal(99),
        timestamp=AT + timedelta(seconds=number),
        received_at=AT + timedelta(seconds=number),
        source="simulated",
        sequence=number,
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(takes)
def test_the_statement_keeps_the_rule(desk: Desk, asked: list[tuple[Side, int, int, int]]) -> None:
    """One SQL statement and the pure function, side by side, over any sequence of takes and snapshots."""
    PaperBook.objects.all().delete()
    consumed = Consumed(NO_SNAPSHOT)
    for side, wanted, reachable, number in asked:
        quote = quote_number(number)
        snapshot = Snapshot.of(quote.timestamp, quote.sequence, quote.received_at)
        consumed, expected = take(consumed, snapshot, side, wanted=wanted, reachable=reachable)
        found = liquidity_take(desk.instrument, quote, side, wanted=wanted, reachable=reachable)
        assert found == expected
        book = PaperBook.objects.get()
        assert (book.bid_taken, book.ask_taken) == (consumed.bids, consumed.asks)


def test_taking_costs_one_statement(desk: Desk) -> None:
    quote = show_book()
    with CaptureQueriesContext(connection) as queries:
        liquidity_take(desk.instrument, quote, Side.BUY, wanted=1, reachable=10)
    assert len(queries) == 1


def test_a_second_order_finds_only_what_the_first_has_left(desk: Desk) -> None:
    show_book(asks=(("100.00", 15), ("100.05", 10)))
    first = order_submit(actor=desk.trader, intent=desk.intent(quantity=10))
    second = order_submit(actor=desk.trader, intent=replace(desk.intent(quantity=20), validity=Validity.IOC))
    assert first.average_price == Decimal(100)
    assert (second.filled_quantity, second.status_code) == (15, "ioc_remainder")
    assert list(second.fills.order_by("id").values_list("price", "quantity")) == [
        (Decimal("100.00"), 5),
        (Decimal("100.05"), 10),
    ]
    third = order_submit(actor=desk.trader, intent=desk.intent(quantity=1))
    assert third.filled_quantity == 0
    show_book(asks=(("100.00", 15),))
    with system_scope():
        assert sweep() == 1


@pytest.fixture
def desks(transactional_db: None) -> list[Desk]:
    return [make_desk() for _ in range(8)]


def test_many_accounts_of_many_tenants_never_take_more_than_a_level_displays(desks: list[Desk]) -> None:
    displayed = 400
    quote = show_book(asks=(("100.00", displayed),))
    start = Barrier(len(desks))

    def trade(desk: Desk) -> int:
        start.wait(timeout=30)
        try:
            with tenant_scope(desk.organisation.id):
                orders = [
                    order_submit(actor=desk.trader, intent=desk.intent(quantity=9, price="100.00"))
                    for _ in range(12)
                ]
                return sum(order.filled_quantity for order in orders)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(desks)) as pool:
        filled = sum(pool.map(trade, desks))
    assert filled == displayed
    with system_scope():
        assert sweep() == 0, "the sweep looks at the same snapshot"
        assert sum(Fill.objects.values_list("quantity", flat=True)) == displayed
        book = PaperBook.objects.get()
        assert (book.ask_taken, book.sequence) == (displayed, quote.sequence)
        assert ledger_verify() == []
        assert orders_verify() == []
        show_book(asks=(("100.00", 1000),))
        assert sweep() == 8 * 12 * 9 - displayed
        assert set(Order.objects.values_list("status", flat=True)) == {"FILLED"}


def test_transactions_that_take_from_two_instruments_lock_them_in_one_order(desks: list[Desk]) -> None:
    other = make_desk(key="NSE:TCS")
    quotes = {KEY: show_book(key=KEY, asks=(("100.00", 10_000),)) for KEY in ("NSE:RELIANCE", "NSE:TCS")}
    pair = [desks[0].instrument, other.instrument]
    start = Barrier(4)

    def take_both(order: int) -> int:
        start.wait(timeout=30)
        taken = 0
        try:
            for _ in range(20):
                with transaction.atomic():
                    liquidity_lock(pair)
                    for instrument in pair[:: 1 if order % 2 else -1]:
                        got = liquidity_take(
                            instrument, quotes[instrument.key], Side.BUY, wanted=5, reachable=10_000
                        )
                        taken += got.quantity if got else 0
        finally:
            connections.close_all()
        return taken

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take_both, range(4))) == 4 * 20 * 2 * 5
