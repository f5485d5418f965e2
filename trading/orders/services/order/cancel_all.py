"""Taking many orders out of the market at once, with a report of each."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core.errors import Conflict
from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.orders.selectors.orders import orders_for
from trading.orders.services.order.cancel import order_withdraw
from trading.portfolio.selectors import account_get
from trading.portfolio.services import account_lock_for


@dataclass(frozen=True, slots=True)
class CancelReport:
    """What became of cancelling one order; a code and a message when it could not be cancelled."""

    order: Order
    code: str = ""
    message: str = ""

    @property
    def is_cancelled(self) -> bool:
        return not self.code


def orders_cancel_all(
    *, actor: Actor, account_id: UUID | None = None, strategy: str | None = None, key: str = ""
) -> list[Order]:
    """Cancel live orders as `orders_cancel_each` does; returns those that are cancelled."""
    reports = orders_cancel_each(actor=actor, account_id=account_id, strategy=strategy, key=key)
    return [report.order for report in reports if report.is_cancelled]


def orders_cancel_each(
    *,
    actor: Actor,
    account_id: UUID | None = None,
    strategy: str | None = None,
    key: str = "",
    leave: Collection[UUID] = (),
) -> list[CancelReport]:
    """Cancel every live order that the actor may see, or those of an account, a strategy, an instrument.

    Needs CANCEL_ORDERS. The orders in `leave` stay as they are. One transaction an account, so that one account's
    trouble does not keep the others in the market, and one order's does not keep the account's. Raises `NotFound`
    for an account that the actor may not see.
    """
    actor.require(Permission.CANCEL_ORDERS)
    if account_id is not None:
        account_id = account_get(actor, account_id).id
    live = orders_live(actor, account_id=account_id, strategy=strategy, key=key).exclude(id__in=leave)
    accounts = sorted(set(live.order_by().values_list("account_id", flat=True)))
    return [report for account in accounts for report in _cancel_account(actor, account, live)]


def orders_live(
    actor: Actor, *, account_id: UUID | None = None, strategy: str | None = None, key: str = ""
) -> QuerySet[Order]:
    """What `orders_cancel_each` would cancel."""
    live = orders_for(actor).filter(status__in=sorted(LIVE))
    if account_id is not None:
        live = live.filter(account_id=account_id)
    if strategy is not None:
        live = live.filter(strategy=strategy)
    if key:
        live = live.filter(instrument__key=key)
    return live


@transaction.atomic
def _cancel_account(actor: Actor, account_id: UUID, live: QuerySet[Order]) -> list[CancelReport]:
    account = account_lock_for(actor, account_id)
    reports = []
    for order in live.filter(account_id=account_id):
        try:
            with transaction.atomic():
                order_withdraw(order, account=account, actor=actor)
        except Conflict as error:
            account = account_lock_for(actor, account_id)
            reports.append(CancelReport(order, error.code, error.detail))
            continue
        reports.append(CancelReport(order))
    audit_record(
        actor=actor,
        action="order.all_cancelled",
        object_type="trading_account",
        object_id=str(account_id),
        data={
            "orders": [str(report.order.id) for report in reports if report.is_cancelled],
            "refused": [str(report.order.id) for report in reports if not report.is_cancelled],
        },
    )
    return reports
