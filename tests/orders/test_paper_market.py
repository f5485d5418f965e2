"""The paper exchange at work: queues, disclosed quantity, latency, slippage, participation, bands and halts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core import clock
from core.errors import Unprocessable
from core.store import get_store
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side, Validity
from trading.instruments.models import BandRule, Instrument, TradingHalt
from trading.instruments.process_cache import forget_reference_data
from trading.instruments.services import trading_halt
from trading.marketdata.domain.quote import Quote
from trading.orders.models import Fill, MatchingRule, Order
from trading.orders.paper import tape_watch
from trading.orders.paper.matcher import PaperMatcher, sweep
from trading.orders.services import OrderModification, order_cancel, order_modify, order_submit
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.services import ledger_verify


@pytest.fixture(autouse=True)
def _books_balance(desk: Desk) -> Iterator[None]:
    get_store().delete(tape_watch.ALIVE_KEY)
    yield
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


@pytest.fixture
def matcher() -> PaperMatcher:
    return PaperMatcher()


def tell(matcher: PaperMatcher, **book: object) -> Quote:
    """Show a snapshot and let the listener see it."""
    quote = show_book(**book)  # type: ignore[arg-type]
    # The bells ring on commit, which a test's transaction never comes to.
    matcher._read_at = float("-inf")
    matcher.on_quotes({quote.key: quote})
    return quote


def rule(**terms: object) -> None:
    """Let the equity market of NSE match by these terms from long ago."""
    MatchingRule.objects.create(exchange="NSE", segment="EQUITY", valid_from=date(2011, 1, 1), **terms)
    forget_reference_data()


def buy(desk: Desk, quantity: int = 10, price: str | None = "99.95", **changes: object) -> Order:
    order = order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity, price=price, **changes))
    assert order.status != "REJECTED", order.status_message
    return order


def fills(order: Order) -> list[tuple[str, int]]:
    return [(f"{fill.price:.2f}", fill.quantity) for fill in Fill.objects.filter(order=order).order_by("id")]


BIDS = (("99.95", 500), ("99.90", 300))


def test_a_resting_limit_fills_after_those_displayed_ahead_of_it(desk: Desk, matcher: PaperMatcher) -> None:
    tell(matcher, bids=BIDS, volume=1000)
    order = buy(desk)
    assert order.queue_ahead == 500
    tell(matcher, bids=BIDS, ltp="99.95", volume=1400)
    assert fills(order) == []
    tell(matcher, bids=BIDS, ltp="99.95", volume=1504)
    assert fills(order) == [("99.95", 4)]
    tell(matcher, bids=BIDS, ltp="100.00", volume=5000)
    assert fills(order) == [("99.95", 4)], "what trades at another price is not ours"
    tell(matcher, bids=BIDS, ltp="99.95", volume=5100)
    assert fills(order) == [("99.95", 4), ("99.95", 6)]


def test_a_level_that_shrinks_brings_the_order_forward(desk: Desk, matcher: PaperMatcher) -> None:
    tell(matcher, bids=BIDS, volume=1000)
    order = buy(desk)
    tell(matcher, bids=(("99.95", 20),), volume=1000)
    tell(matcher, bids=(("99.95", 900),), volume=1000)
    tell(matcher, bids=(("99.95", 900),), ltp="99.95", volume=1025)
    assert fills(order) == [("99.95", 5)]


def test_a_price_traded_through_fills_at_once(desk: Desk, matcher: PaperMatcher) -> None:
    tell(matcher, bids=BIDS, volume=1000)
    order = buy(desk)
    tell(matcher, bids=(("99.80", 100),), asks=(("100.00", 100),), ltp="99.85", volume=1007)
    assert fills(order) == [("99.95", 7)]


def test_what_trades_at_a_price_reaches_one_order_only_and_the_earlier_first(
    desk: Desk, matcher: PaperMatcher
) -> None:
    other = make_desk()
    tell(matcher, bids=(("99.90", 300),), volume=1000)
    first = buy(desk, 30)
    with tenant_scope(other.organisation.id):
        second = buy(other, 30)
    with tenant_scope(desk.organisation.id):
        third = buy(desk, 30)
    tell(matcher, bids=(("99.90", 300),), ltp="99.95", volume=1050)
    with system_scope():
        assert [sum(q for _, q in fills(order)) for order in (first, second, third)] == [30, 20, 0]
    tell(matcher, bids=(("99.90", 300),), ltp="99.95", volume=1065)
    with system_scope():
        assert [sum(q for _, q in fills(order)) for order in (first, second, third)] == [30, 30, 5]


def test_the_better_price_is_served_first_whatever_the_age(desk: Desk, matcher: PaperMatcher) -> None:
    tell(matcher)
    low, high = buy(desk, 10, "99.50"), buy(desk, 10, "99.60")
    tell(matcher, asks=(("99.45", 12),), ltp="99.45")
    assert (fills(high), fills(low)) == ([("99.45", 10)], [("99.45", 2)])


def test_the_sweep_stands_in_for_a_dead_listener_and_not_for_a_living_one(
    desk: Desk, matcher: PaperMatcher
) -> None:
    with system_scope():
        show_book(bids=BIDS, volume=1000)
        order = buy(desk)
        sweep()
        show_book(bids=BIDS, ltp="99.95", volume=1506)
        tape_watch._told.at = float("-inf")
        tape_watch.listener_alive()
        sweep()
        assert fills(order) == []
        get_store().delete(tape_watch.ALIVE_KEY)
        show_book(bids=BIDS, ltp="99.95", volume=2012)
        sweep()
        assert fills(order) == [("99.95", 6)]


@pytest.mark.parametrize(
    ("modification", "loses"),
    [
        (OrderModification(quantity=5), False),
        (OrderModification(quantity=20), True),
        (OrderModification(price=Decimal("99.90")), True),
    ],
)
def test_less_keeps_its_place_and_more_or_another_price_does_not(
    desk: Desk, matcher: PaperMatcher, modification: OrderModification, loses: bool
) -> None:
    tell(matcher, bids=BIDS, volume=1000)
    order = buy(desk)
    tell(matcher, bids=BIDS, ltp="99.95", volume=1490)
    changed = order_modify(actor=desk.trader, order_id=order.id, modification=modification)
    assert (changed.priority_at is not None) is loses
    tell(matcher, bids=BIDS, ltp=f"{changed.price:.2f}", volume=1515)
    assert (fills(order) == []) is loses


def test_an_order_with_disclosed_quantity_queues_again_for_each_part(desk: Desk, matcher: PaperMatcher) -> None:
    tell(matcher, bids=(("99.90", 300),), volume=1000)
    iceberg = buy(desk, 30, disclosed_quantity=10)
    plain = buy(desk, 30)
    assert iceberg.slice_left == 10
    tell(matcher, bids=(("99.90", 300),), ltp="99.95", volume=1050)
    assert fills(iceberg) == [("99.95", 10)]
    assert fills(plain) == [("99.95", 30)]
    tell(matcher, bids=(("99.95", 40), ("99.90", 300)), ltp="99.95", volume=1060)
    iceberg.refresh_from_db()
    assert (iceberg.slice_left, iceberg.filled_quantity, iceberg.queue_ahead) == (10, 10, 40)
    tell(matcher, bids=(("99.95", 40), ("99.90", 300)), ltp="99.95", volume=1108)
    assert fills(iceberg) == [("99.95", 10), ("99.95", 8)]


def test_with_latency_an_order_meets_only_later_snapshots(desk: Desk, matcher: PaperMatcher) -> None:
    rule(latency_ms=2000)
    tell(matcher)
    order = buy(desk, price=None)
    assert (order.status, order.filled_quantity) == ("OPEN", 0)
    assert order.eligible_at == order.created_at + timedelta(seconds=2)
    tell(matcher, at=order.created_at + timedelta(seconds=1))
    assert fills(order) == []
    tell(matcher, asks=(("100.50", 100),), at=order.created_at + timedelta(seconds=2))
    assert fills(order) == [("100.50", 10)]


def test_with_latency_an_ioc_order_waits_for_its_moment_and_no_longer(desk: Desk, matcher: PaperMatcher) -> None:
    rule(latency_ms=2000)
    tell(matcher)
    intent = replace(desk.intent(price="100.00"), validity=Validity.IOC)
    order = order_submit(actor=desk.trader, intent=intent)
    assert order.status == "OPEN"
    tell(matcher, asks=(("100.05", 100),), at=order.created_at + timedelta(seconds=3))
    order.refresh_from_db()
    assert (order.status, order.status_code) == ("CANCELLED", "ioc_remainder")


def test_a_cancellation_under_way_can_still_be_filled(desk: Desk, matcher: PaperMatcher) -> None:
    rule(cancel_latency_ms=60_000)
    tell(matcher)
    order = buy(desk, 10, "99.50")
    pending = order_cancel(actor=desk.trader, order_id=order.id)
    assert (pending.status, pending.status_code) == ("OPEN", "cancel_pending")
    tell(matcher, asks=(("99.50", 4),))
    assert fills(order) == [("99.50", 4)]
    Order.objects.filter(id=order.id).update(cancel_at=clock.now() - timedelta(seconds=1))
    tell(matcher, asks=(("99.50", 100),))
    order.refresh_from_db()
    assert (order.status, order.filled_quantity, order.status_code) == ("CANCELLED", 4, "cancelled")


def test_slippage_is_paid_and_never_beyond_the_limit(desk: Desk) -> None:
    rule(slippage_model="TICKS", slippage_value=3)
    show_book(asks=(("100.00", 5), ("100.05", 100)))
    order = buy(desk, 10, "100.15")
    assert fills(order) == [("100.15", 5), ("100.15", 5)]


def test_participation_caps_what_all_paper_orders_have_of_a_level(desk: Desk) -> None:
    rule(participation=Decimal("0.1"))
    show_book(asks=(("100.00", 100), ("100.05", 50)))
    assert fills(buy(desk, 8, "100.00")) == [("100.00", 8)]
    assert fills(buy(desk, 8, "100.05")) == [("100.00", 2), ("100.05", 5)]


def band(desk: Desk, percent: str) -> None:
    BandRule.objects.create(instrument=desk.instrument, percent=Decimal(percent), valid_from=date(2020, 1, 1))
    forget_reference_data()


@pytest.mark.parametrize(("price", "code"), [("103.95", ""), ("104.00", "outside_price_band")])
def test_an_order_outside_the_band_is_refused(desk: Desk, price: str, code: str) -> None:
    band(desk, "5")
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(Side.SELL, price=price))
    assert order.status_code == code


def test_nothing_trades_outside_the_band(desk: Desk) -> None:
    band(desk, "2")
    show_book(asks=(("100.95", 4), ("101.00", 100)), ltp="100.90")
    order = buy(desk, 10, price=None)
    assert fills(order) == [("100.95", 4)]


def test_in_a_halt_nothing_is_taken_and_nothing_matches_until_it_ends(desk: Desk, matcher: PaperMatcher) -> None:
    tell(matcher)
    order = buy(desk, 10, "99.50")
    trading_halt(starts_at=clock.now(), ends_at=None, reason="news", instrument=desk.instrument)
    refused = order_submit(actor=desk.trader, intent=desk.intent())
    assert (refused.status, refused.status_code) == ("REJECTED", "market_halted")
    with pytest.raises(Unprocessable) as unchanged:
        order_modify(actor=desk.trader, order_id=order.id, modification=OrderModification(quantity=50))
    assert unchanged.value.code == "market_halted"
    tell(matcher, asks=(("99.00", 100),))
    assert fills(order) == []
    TradingHalt.objects.update(ends_at=clock.now())
    forget_reference_data()
    tell(matcher, asks=(("99.00", 100),))
    assert fills(order) == [("99.00", 10)]


def test_in_a_halt_orders_can_be_cancelled(desk: Desk) -> None:
    show_book()
    order = buy(desk, 10, "99.50")
    trading_halt(starts_at=clock.now(), ends_at=None, reason="news")
    assert order_cancel(actor=desk.trader, order_id=order.id).status == "CANCELLED"


@pytest.mark.parametrize("by_listener", [True, False])
def test_an_index_that_falls_by_ten_per_cent_halts_the_market_once(
    desk: Desk, matcher: PaperMatcher, by_listener: bool
) -> None:
    Instrument.objects.create(
        key="NSE:NIFTY", exchange="NSE", symbol="NIFTY", name="Nifty", instrument_type="INDEX", tick_size=1
    )
    trading_day_noon = clock.ist_day_start(clock.trading_date()) + timedelta(hours=12)
    for _ in range(2):
        index = show_book(key="NSE:NIFTY", ltp="89.00", bids=(), asks=(), at=trading_day_noon)
        if by_listener:
            matcher.on_quotes({index.key: index})
        else:
            with system_scope():
                sweep()
    halt = TradingHalt.objects.get()
    assert (halt.level, halt.ends_at) == (10, trading_day_noon + timedelta(minutes=60))
    assert halt.reason.startswith("NIFTY fell by 10.1 %")
