"""The way of an accepted order to its broker: the one place that tells a paper account from a live one."""

from core import clock
from core.events import enqueue_on_commit
from trading.orders.domain.states import OrderStatus
from trading.orders.models import OrderEventType, OrderRoute
from trading.orders.paper.exchange import PaperExchange
from trading.orders.services.live.routes import epoch_now
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.context import Situation
from trading.orders.services.paper.orders import paper_place

ROUTE_TASK = "orders.route"


def order_route(change: OrderChange, situation: Situation) -> None:
    """Hand an accepted order to its broker; `order_save` writes what came of it. The caller holds the account lock.

    On paper the exchange answers within the transaction. A live order stays PENDING_ROUTE: the router sends it once
    the transaction has committed, rung for here and found by its sweep otherwise.
    """
    if not change.events:
        change.event(OrderEventType.ACCEPTED)
    if change.account.is_paper:
        _trade_on_paper(change, situation)
    else:
        _request(change)


def _trade_on_paper(change: OrderChange, situation: Situation) -> None:
    order = change.order
    change.move(OrderStatus.ROUTING, OrderEventType.ROUTED, broker=PaperExchange.name, tag=order.id.hex)
    paper_place(change, situation.quote, is_open=situation.context.session.is_open)


def _request(change: OrderChange) -> None:
    order = change.order
    # From an after-market order's status: it waits for its router now, not for its session.
    change.explain("", "")
    change.route = OrderRoute(
        order=order,
        organisation_id=order.organisation_id,
        account_id=order.account_id,
        epoch=epoch_now(),
        requested_at=clock.wall_now(),
    )
    enqueue_on_commit(ROUTE_TASK, order_id=str(order.id))
