"""However the broker's news arrives, an order ends in the same state."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.book import BookEntry, BookStatus, BrokerTrade
from trading.brokers.domain.messages import Cancelled, Execution
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.book_reports import reports_of
from trading.orders.domain.progress import Progress, advance
from trading.orders.domain.states import OrderStatus

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
Look = tuple[BookEntry, tuple[BrokerTrade, ...]]


def entry(filled: int, status: BookStatus, step: int, *, quantity: int = 100) -> BookEntry:
    return BookEntry(
        broker_order_id="B1",
        tag="t",
        key="NSE:RELIANCE",
        side=Side.BUY,
        quantity=quantity,
        filled_quantity=filled,
        order_type=OrderType.LIMIT,
        product=Product.INTRADAY,
        validity=Validity.DAY,
        price=Decimal(100),
        trigger_price=None,
        status=status,
        message="",
        placed_at=START,
        updated_at=START + timedelta(seconds=step),
    )


@st.composite
def lives(draw: st.DrawFn) -> list[Look]:
    """What the books show of one order, from its first look to its last: fills, then perhaps a cancel."""
    parts = draw(st.lists(st.integers(1, 30), max_size=6).filter(lambda parts: sum(parts) <= 100))
    trades: list[BrokerTrade] = []
    looks: list[Look] = [(entry(0, BookStatus.OPEN, 0), ())]
    for number, units in enumerate(parts, start=1):
        trades.append(
            BrokerTrade(f"T{number}", "B1", units, Decimal(99 + number), START + timedelta(seconds=number))
        )
        filled = sum(trade.quantity for trade in trades)
        status = BookStatus.FILLED if filled == 100 else BookStatus.OPEN
        looks.append((entry(filled, status, number), tuple(trades)))
    filled = sum(trade.quantity for trade in trades)
    if filled < 100 and draw(st.booleans()):
        looks.append((entry(filled, BookStatus.CANCELLED, 50), tuple(trades)))
    return looks


def heard(looks: list[Look], *, first: OrderStatus) -> Progress:
    progress, known = Progress(quantity=100, status=first), set[str]()
    for seen, trades in looks:
        for report in reports_of(seen, trades, known_trades=known, waits_for_trigger=False):
            if isinstance(report, Execution):
                known.add(report.trade_id)
            progress = advance(progress, report)
    return progress


@given(lives(), st.data())
def test_looks_permuted_doubled_and_dropped_end_in_the_same_state(looks: list[Look], data: st.DataObject) -> None:
    """The last look is never lost for good: polling brings it in the end."""
    told = heard(looks, first=OrderStatus.ROUTING)
    messy = data.draw(st.lists(st.sampled_from(looks), max_size=12))
    for first in (OrderStatus.ROUTING, OrderStatus.UNKNOWN):
        assert heard([*messy, looks[-1]], first=first) == told
    assert heard([*looks, *messy], first=OrderStatus.ROUTING) == told


@given(lives())
def test_an_end_is_not_told_before_all_its_trades_are(looks: list[Look]) -> None:
    seen, trades = looks[-1]
    for missing in trades:
        fewer = [trade for trade in trades if trade != missing]
        reports = reports_of(seen, fewer, known_trades=set(), waits_for_trigger=False)
        assert not any(isinstance(report, Cancelled) for report in reports)
