"""The kill switch: one press stops every send, takes live orders out of the market, and closes positions if asked.

The press commits first and cancels after. An order that read the trading state before the press holds its account's
lock until it commits, so that the cancellation, which waits for that lock, finds it; one that comes later reads the
state under the lock and is refused. What a crash leaves over, the watch of every second finds in the rows.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.domain.actor import Actor, system_actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, InvalidInput, SaudaError
from core.events import enqueue_on_commit
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Source, State
from riskmgmt.models import KillSwitch
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Order
from trading.orders.services import position_close
from trading.orders.services.order.cancel import cancellation_audit, order_withdraw
from trading.orders.services.order.context import session_facts
from trading.orders.services.positions.close import CLOSING
from trading.portfolio.models import Position
from trading.portfolio.services import account_lock

from .notices import tell_risk
from .scopes import scope_lock
from .states import state_write

logger = logging.getLogger(__name__)

LABEL = "kill switch"
# Rung so that a worker sees to the press at once, should this process die before it has.
WATCH_TASK = "risk.watch"
# How often the closing of positions is tried again, e.g. after a price was stale.
FLATTEN_AGAIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Enforced:
    """What one run took out of the market; `failed` accounts and positions are tried again by the watch."""

    orders_cancelled: int = 0
    positions_closed: int = 0
    failed: int = 0


def kill_switch_press(*, actor: Actor, scope: Scope, reason: str, flatten: bool = False) -> KillSwitch:
    """Stop all trading of a scope, cancel its live orders, and close its positions at market with `flatten`.

    Needs KILL_SWITCH. Nothing is sent once this returns. Pressing again returns the press that holds, and flattens
    if that was not asked before. Raises InvalidInput (`reason_required`).
    """
    actor.require(Permission.KILL_SWITCH)
    if not reason.strip():
        raise InvalidInput("Say why.", code="reason_required", errors={"reason": ["This field may not be blank."]})
    switch = _press(actor, scope, reason.strip()[:240], flatten)
    kill_switch_enforce(switch)
    switch.refresh_from_db()
    return switch


@transaction.atomic
def _press(actor: Actor, scope: Scope, reason: str, flatten: bool) -> KillSwitch:
    scope_lock(scope)
    held = _held(scope)
    if held is not None and (held.flatten or not flatten):
        return held
    switch = held or KillSwitch(
        organisation_id=scope.organisation_id,
        account_id=scope.account_id,
        strategy=scope.strategy,
        reason=reason,
        pressed_at=clock.wall_now(),
        pressed_by_id=actor.user_id,
        pressed_by_label=actor.label,
    )
    switch.flatten = flatten
    switch.save()
    state_write(
        scope,
        source=Source.KILL_SWITCH,
        state=State.HALTED,
        reason=reason,
        by=actor.label,
        by_id=actor.user_id,
        lets_house_exit=flatten,
    )
    closing = " Its positions are being closed." if flatten else ""
    tell_risk(scope, title=f"Kill switch pressed: {switch.scope_label}", body=f"{reason}{closing}")
    enqueue_on_commit(WATCH_TASK)
    audit_record(
        actor=actor,
        action="risk.kill_switch_pressed",
        object_type="kill_switch",
        object_id=str(switch.id),
        data={
            "account": None if scope.account_id is None else str(scope.account_id),
            "strategy": scope.strategy,
            "reason": reason,
            "flatten": flatten,
        },
    )
    return switch


def kill_switch_enforce(switch: KillSwitch) -> Enforced:
    """Take what is live in a pressed switch's scope out of the market. Harmless to repeat, and repeated.

    One transaction an account: an account that fails is logged and left to the next run.
    """
    if switch.released_at is not None:
        return Enforced()
    cancelled, failed = 0, 0
    flattens = switch.flatten and _flatten_due(switch)
    unwanted = _unwanted(switch, flattens=flattens)
    for account_id in sorted(set(unwanted.order_by().values_list("account_id", flat=True))):
        try:
            cancelled += _withdraw(unwanted, account_id)
        except Exception:
            # The other accounts' orders have to come out too; the watch comes back to this one.
            logger.exception("kill switch could not cancel", extra={"account": str(account_id)})
            failed += 1
    closed = 0
    if flattens:
        closed, unclosed = _flatten(switch)
        failed += unclosed
    KillSwitch.objects.filter(id=switch.id).update(
        orders_cancelled=F("orders_cancelled") + cancelled,
        positions_closed=F("positions_closed") + closed,
        swept_at=clock.wall_now(),
    )
    return Enforced(cancelled, closed, failed)


def _held(scope: Scope) -> KillSwitch | None:
    found: KillSwitch | None = (
        KillSwitch.objects.select_for_update(of=("self",))
        .filter(
            organisation_id=scope.organisation_id,
            account_id=scope.account_id,
            strategy=scope.strategy,
            released_at=None,
        )
        .first()
    )
    return found


def _unwanted(switch: KillSwitch, *, flattens: bool) -> QuerySet[Order]:
    """The live orders of the scope, but for those that a switch closes positions with: they stand until that switch
    prices them anew, whichever other switch is pressed besides."""
    orders = Order.objects.filter(_of(switch), status__in=sorted(LIVE))
    closing = Q(origin=Origin.SYSTEM, tag__startswith=CLOSING)
    pressed = KillSwitch.objects.filter(organisation_id=switch.organisation_id, released_at=None, flatten=True)
    for other in pressed:
        if other.id != switch.id or not flattens:
            orders = orders.exclude(closing & _of(other))
    return orders


def _of(switch: KillSwitch) -> Q:
    """Orders and positions of the switch's scope."""
    scope = Q(organisation_id=switch.organisation_id)
    if switch.account_id is not None:
        scope &= Q(account_id=switch.account_id)
    return scope & Q(strategy=switch.strategy) if switch.strategy else scope


@transaction.atomic
def _withdraw(unwanted: QuerySet[Order], account_id: UUID) -> int:
    account = account_lock(account_id)
    actor = system_actor(account.organisation_id, LABEL)
    orders = list(unwanted.filter(account_id=account_id).select_related("instrument").order_by("id"))
    recalled = []
    for order in orders:
        before = order.event_seq
        order_withdraw(order, account=account, actor=actor, reason="kill_switch")
        # A broker that has been asked already is not asked again, and nothing is new then.
        if order.event_seq != before:
            recalled.append(order)
    for order in recalled:
        cancellation_audit(order, actor=actor)
    return len(recalled)


def _flatten_due(switch: KillSwitch) -> bool:
    due = switch.flattened_at is None or clock.wall_now() - switch.flattened_at >= FLATTEN_AGAIN
    if due:
        KillSwitch.objects.filter(id=switch.id).update(flattened_at=clock.wall_now())
    return due


def _flatten(switch: KillSwitch) -> tuple[int, int]:
    """Close what is open where the market trades; how many positions that took, and how many would not close."""
    actor = system_actor(switch.organisation_id, LABEL)
    closed, failed = 0, 0
    for position in _open_positions(switch):
        try:
            order = position_close(actor=actor, position_id=position.id, origin=Origin.SYSTEM)
        except Conflict:
            continue
        except SaudaError:
            logger.exception("kill switch could not close a position", extra={"position": str(position.id)})
            failed += 1
        else:
            refused = order.status == OrderStatus.REJECTED
            closed, failed = closed + (not refused), failed + refused
    return closed, failed


def _open_positions(switch: KillSwitch) -> Iterator[Position]:
    found = Position.objects.filter(_of(switch)).exclude(quantity=0)
    now = clock.now()
    for position in found.select_related("instrument").order_by("account_id", "id"):
        if session_facts(position.instrument, now).is_open:
            yield position
