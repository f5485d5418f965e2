"""Writes what an `OrderChange` has collected: fills, ledger, positions, hold, order, events, stream."""

from decimal import Decimal
from uuid import UUID

from core import streams
from core.db import writes
from core.events import publish_on_commit
from core.ids import new_id
from core.money import PAISA, to_paise
from trading.brokers.domain.messages import Execution
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import Fill, Order
from trading.orders.selectors.orders import order_shape
from trading.orders.services.live.recall import order_recall
from trading.orders.services.order.change import OrderChange
from trading.orders.services.order.holds import adopted_hold, hold_targets
from trading.orders.services.order.notices import notify_outcome
from trading.portfolio.domain.charges import Charges
from trading.portfolio.services import FillFacts, InsufficientFunds, fill_post, hold_set

# Rung with an instrument's key when an order begins to rest on it, or rests at another price.
RESTING_CHANNEL = "orders.resting"
FUNDING = "funding"

# Everything that a change may touch; what was asked for is written by `order_modify` through the same list.
CHANGEABLE = [
    "quantity",
    "order_type",
    "price",
    "trigger_price",
    "triggered_at",
    "worst_price",
    "decision_price",
    "disclosed_quantity",
    "status",
    "status_code",
    "status_message",
    "filled_quantity",
    "average_price",
    "charges_paise",
    "hold_paise",
    "broker_order_id",
    "event_seq",
    "matched_sequence",
    "matched_at",
    "eligible_at",
    "cancel_at",
    "priority_at",
    "queue_ahead",
    "queue_mark",
    "slice_left",
    "updated_at",
]


def order_save(change: OrderChange, *, hold_paise: int | None = None, is_new: bool = False) -> list[Fill]:
    """Write the change; returns the new fills. The caller holds the account lock, inside a transaction.

    `hold_paise` is what the order shall hold once its executions are posted; None leaves what the fills
    have not given back. A final order holds nothing whatever is said. After a trade the holds of all live orders
    on the position follow it, and an order that the account cannot fund any more is cancelled.
    """
    order = change.order
    order.updated_at = change.at
    fills = _post_executions(change)
    target = 0 if change.is_final else order.hold_paise if hold_paise is None else hold_paise
    is_funded = _hold_moved(change, order, target)
    _write(change, fills, is_new=is_new)
    if not is_funded:
        _give_up(change, order)
    _triggers_follow(change, fills)
    if fills and (change.has_company or not change.is_final):
        _holds_follow(change)
    return fills


def _triggers_follow(change: OrderChange, fills: list[Fill]) -> None:
    """Let a fill and its trigger agree in one transaction; an order that no trigger knows costs nothing here."""
    reduces = change.position_quantity is not None and _took_down(change, fills)
    if change.order.trigger_id is not None or reduces:
        # A trigger fires orders, which are saved here: the one circle among the services.
        from trading.orders.services.triggers.follow import triggers_follow

        triggers_follow(change, fills, reduces=reduces)


def _took_down(change: OrderChange, fills: list[Fill]) -> bool:
    sign = Side(change.order.side).sign
    before = (change.position_quantity or 0) - sign * sum(fill.quantity for fill in fills)
    return before * sign < 0


def order_fund_trigger(change: OrderChange) -> bool:
    """Let a stop that has just triggered hold what it may cost from here on, before it trades.

    False when the account has not got it: then the order is written, cancelled, and its owner told.
    """
    order = change.order
    targets = hold_targets(order, instrument=change.instrument, at=change.at, plan=change.account.brokerage_plan)
    needed = next((paise for claim, paise in targets if claim is order), order.hold_paise)
    if _hold_moved(change, order, needed):
        return True
    order_save(change)
    _give_up(change, order)
    return False


def _hold_moved(change: OrderChange, order: Order, paise: int) -> bool:
    """Let the order hold so much; False, with nothing changed, when the account has not got it."""
    if paise == order.hold_paise:
        return True
    try:
        hold_set(
            account=change.account,
            order_id=order.id,
            paise=paise,
            event_id=new_id(),
            at=change.at,
            current_paise=order.hold_paise,
        )
    except InsufficientFunds:
        return False
    order.hold_paise = paise
    return True


def _holds_follow(change: OrderChange) -> None:
    """The position has moved: fund what the live orders on it open now, and give up what cannot be funded."""
    plan = change.account.brokerage_plan
    for order, paise in hold_targets(change.order, instrument=change.instrument, at=change.at, plan=plan):
        before = order.hold_paise
        if not _hold_moved(change, order, paise):
            if _give_up(change, order):
                _holds_follow(change)
                return
            continue
        if order.hold_paise != before:
            Order.objects.filter(id=order.id).update(hold_paise=order.hold_paise)


def order_hold_what_it_can(change: OrderChange) -> None:
    """Let an order that the broker has accepted already hold what it needs, or as much as the account can spare."""
    order = change.order
    needed = adopted_hold(order, instrument=change.instrument, at=change.at, plan=change.account.brokerage_plan)
    if _hold_moved(change, order, min(needed, max(change.account.balance.available_paise, 0))):
        writes.update(order, ["hold_paise"])


def _give_up(change: OrderChange, order: Order) -> bool:
    """Take an order that the account cannot fund any more out of the market; whether it has left it by now.

    A foreign one stays: it was never ours to fund.
    """
    if order.is_foreign:
        return False
    # Orders in other contracts of the underlying are funded by the same portfolio.
    instrument = change.instrument if order.instrument_id == change.instrument.id else order.instrument
    end = OrderChange(order, account=change.account, instrument=instrument, actor=FUNDING, at=change.at)
    message = "The funds do not cover the position that the rest of the order would open."
    is_out = order_recall(end, reason="insufficient_funds", message=message)
    if not end.events:
        return False
    order_save(end)
    notify_outcome(order, instrument=instrument, account=change.account, fills=())
    return is_out


def _write(change: OrderChange, fills: list[Fill], *, is_new: bool) -> None:
    order = change.order
    if is_new:
        writes.insert(order)
    else:
        writes.update(order, CHANGEABLE)
    if change.route is not None:
        writes.insert(change.route)
    writes.insert(*change.events, *fills)
    if not change.is_final:
        publish_on_commit(RESTING_CHANNEL, change.instrument.key.encode())
    streams.append(
        f"orders:{order.account_id}",
        "order_update",
        order_shape(order, change.instrument.key),
        organisation_id=order.organisation_id,
    )


def _post_executions(change: OrderChange) -> list[Fill]:
    """Post each execution to the ledger and the position, in the order in which they happened."""
    order = change.order
    fills = []
    filled = order.filled_quantity - sum(execution.quantity for execution in change.executions)
    for execution in change.executions:
        value_before = _value_of(order, change.executions, before=execution)
        filled += execution.quantity
        fill_id = new_id()
        result = fill_post(
            account=change.account,
            fill=FillFacts(
                fill_id=fill_id,
                order_id=order.id,
                instrument=change.instrument,
                product=Product(order.product),
                side=Side(order.side),
                quantity=execution.quantity,
                price=execution.price,
                traded_at=execution.traded_at,
                order_pending_quantity=order.quantity - filled,
                order_value_before=value_before,
                held_paise=order.hold_paise,
                strategy=order.strategy,
            ),
        )
        order.hold_paise = result.hold_paise
        order.charges_paise += to_paise(result.charges.total)
        change.position_quantity = result.position.quantity
        fills.append(_fill_row(order, fill_id, execution, result.charges))
    return fills


def _value_of(order: Order, executions: list[Execution], *, before: Execution) -> Decimal:
    """Rupees that the order had traded for before this execution; brokerage is capped over the order."""
    traded = (order.average_price or Decimal(0)) * order.filled_quantity
    later = executions[executions.index(before) :]
    return (traded - sum(e.price * e.quantity for e in later)).quantize(PAISA)


def _fill_row(order: Order, fill_id: UUID, execution: Execution, charges: Charges) -> Fill:
    lines = {f"{name}_paise": to_paise(amount) for name, amount in charges.lines()}
    return Fill(
        id=fill_id,
        organisation_id=order.organisation_id,
        order_id=order.id,
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        broker_trade_id=execution.trade_id,
        side=order.side,
        quantity=execution.quantity,
        price=execution.price,
        charges_paise=to_paise(charges.total),
        traded_at=execution.traded_at,
        **lines,
    )
