"""Trades to tell of."""

from core.tenancy import tenant_scope
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Side
from trading.orders.services import order_submit


def trade(desk: Desk, side: Side, quantity: int, **changes: object) -> None:
    """A filled MARKET order of the desk's instrument, unless changed."""
    with tenant_scope(desk.organisation.id):
        order = order_submit(actor=desk.trader, intent=desk.intent(side, quantity, **changes))
    assert order.status == "FILLED", order.status_message


def a_round(desk: Desk) -> None:
    """Bought 100 at 100.00, 60 of them sold at 104.95; 40 stay open at 105.00."""
    trade(desk, Side.BUY, 100, tag="breakout", strategy="orb")
    show_book(bids=(("104.95", 1000),), asks=(("105.00", 1000),), ltp="105.00")
    trade(desk, Side.SELL, 60, strategy="orb")
