"""A desk whose trader has bought and sold on paper, and files as a broker would tell of it."""

import csv
import io
from collections.abc import Iterable, Iterator

import pytest
from pytest_django.fixtures import Settings

from core import clock
from core.store import get_store
from core.tenancy import tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.wire import QUOTES_HASH
from trading.orders.models import Fill
from trading.orders.services import order_submit

TRADEBOOK = ["symbol", "isin", "trade_date", "exchange", "segment", "trade_type", "quantity", "price"]
TRADEBOOK += ["trade_id", "order_id", "order_execution_time"]


@pytest.fixture
def desk(db: None, settings: Settings) -> Iterator[Desk]:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    get_store().delete(QUOTES_HASH)
    forget_reference_data()
    made = make_desk()
    with tenant_scope(made.organisation.id):
        yield made


def deal(desk: Desk, side: Side = Side.BUY, quantity: int = 10, product: Product = Product.INTRADAY) -> list[Fill]:
    """Trade at the market on paper; the fills."""
    show_book()
    order = order_submit(actor=desk.trader, intent=desk.intent(side, quantity, product=product))
    return list(order.fills.select_related("instrument"))


def csv_of(rows: Iterable[Iterable[object]]) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode()


def tradebook(fills: Iterable[Fill], **changes: object) -> bytes:
    """Zerodha's tradebook of fills, as its Console lets one download it."""
    rows = []
    for fill in fills:
        at = fill.traded_at.astimezone(clock.IST)
        row = {
            "symbol": fill.instrument.symbol,
            "isin": fill.instrument.isin,
            "trade_date": at.date().isoformat(),
            "exchange": fill.instrument.exchange,
            "segment": "EQ",
            "trade_type": fill.side.lower(),
            "quantity": f"{fill.quantity}.000000",
            "price": f"{fill.price:.6f}",
            "trade_id": fill.broker_trade_id[:40],
            "order_id": str(fill.order_id.int)[:16],
            "order_execution_time": at.replace(tzinfo=None).isoformat(timespec="seconds"),
        }
        rows.append([{**row, **changes}[name] for name in TRADEBOOK])
    return csv_of([TRADEBOOK, *rows])
