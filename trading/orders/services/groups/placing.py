"""Sending the legs of a group through the door for single orders: each for itself, or all or none."""

from collections.abc import Sequence

from django.db import transaction

from accounts.domain.actor import Actor
from trading.orders.domain.gate import GateDecision, OrderAction
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order, OrderGroup, RefusedLeg
from trading.orders.services.groups.legs import REFUSALS, LegRefusal, PlannedLeg, reason_of
from trading.orders.services.order.context import situation_of
from trading.orders.services.order.gates import gates_enter, verdict_on
from trading.orders.services.order.submit import order_accept
from trading.orders.services.paper.liquidity import liquidity_lock
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_lock_for

HELD_BACK = ("group_refused", "Not placed, because another leg was refused.")
Reasons = dict[int, tuple[str, str]]


class _TakenBack(Exception):
    """Rolls back what was placed since the savepoint; carries why."""

    def __init__(self, reasons: Reasons) -> None:
        super().__init__()
        self.reasons = reasons


def place_each(
    *, actor: Actor, account: TradingAccount, group: OrderGroup, legs: Sequence[PlannedLeg | LegRefusal]
) -> None:
    """Place every leg for itself, in the order given. The caller holds the account lock."""
    refused: Reasons = {}
    _locks_take(actor, account, legs)
    for leg in legs:
        if isinstance(leg, LegRefusal):
            refused[leg.number] = (leg.code, leg.message)
            continue
        try:
            with transaction.atomic():
                leg_place(actor=actor, account=account, group=group, leg=leg)
        except REFUSALS as error:
            refused[leg.number] = (error.code, reason_of(error))
            account = account_lock_for(actor, account.id)
    _report(group, [leg for leg in legs if leg.number in refused], refused)


def place_together(
    *, actor: Actor, account: TradingAccount, group: OrderGroup, legs: Sequence[PlannedLeg | LegRefusal]
) -> None:
    """Place all legs or none. Every leg is tried, each after those before it, so that each has its own verdict.

    The caller holds the account lock. Trying is placing within a savepoint: no other judgement would see
    the funds and positions that the earlier legs leave behind.
    """
    _locks_take(actor, account, legs)
    try:
        with transaction.atomic():
            reasons = _tried(actor, account, group, legs)
            if reasons:
                raise _TakenBack(reasons)
    except _TakenBack as taken:
        account_lock_for(actor, account.id)
        _report(group, legs, taken.reasons)


def _locks_take(actor: Actor, account: TradingAccount, legs: Sequence[PlannedLeg | LegRefusal]) -> None:
    """Two groups that take from the same instruments in another order would wait for each other."""
    planned = [leg for leg in legs if isinstance(leg, PlannedLeg)]
    gates_enter(actor=actor, account=account, strategies=(leg.whole.strategy for leg in planned))
    liquidity_lock(leg.instrument for leg in planned)


def _tried(
    actor: Actor, account: TradingAccount, group: OrderGroup, legs: Sequence[PlannedLeg | LegRefusal]
) -> Reasons:
    reasons: Reasons = {}
    for leg in legs:
        if isinstance(leg, LegRefusal):
            reasons[leg.number] = (leg.code, leg.message)
            continue
        try:
            with transaction.atomic():
                orders = leg_place(actor=actor, account=account, group=group, leg=leg)
        except REFUSALS as error:
            reasons[leg.number] = (error.code, reason_of(error))
            account = account_lock_for(actor, account.id)
            continue
        if orders[0].status == OrderStatus.REJECTED:
            reasons[leg.number] = (orders[0].status_code, orders[0].status_message)
    return reasons


def leg_place(*, actor: Actor, account: TradingAccount, group: OrderGroup, leg: PlannedLeg) -> list[Order]:
    """Place one leg; its slices all or none. A refusal is one order in REJECTED, of the whole quantity.

    The caller holds the account lock, inside a transaction.
    """
    if len(leg.slices) == 1:
        return [
            order_accept(
                actor=actor,
                account=account,
                instrument=leg.instrument,
                intent=leg.slices[0],
                group=group,
                leg=leg.number,
            )
        ]
    # The gates judge the whole first: slicing must not slip past a limit on what one order may be.
    refusal = _whole_refused(actor, account, leg)
    if refusal is None:
        try:
            with transaction.atomic():
                return _slices_place(actor, account, group, leg)
        except _SliceRefused as refused:
            refusal = refused.decision
            account = account_lock_for(actor, account.id)
    return [
        order_accept(
            actor=actor,
            account=account,
            instrument=leg.instrument,
            intent=leg.whole,
            group=group,
            leg=leg.number,
            refused=refusal,
        )
    ]


class _SliceRefused(Exception):
    """Takes the slices before it back."""

    def __init__(self, decision: GateDecision) -> None:
        super().__init__()
        self.decision = decision


def _slices_place(actor: Actor, account: TradingAccount, group: OrderGroup, leg: PlannedLeg) -> list[Order]:
    orders = []
    for intent in leg.slices:
        order = order_accept(
            actor=actor,
            account=account,
            instrument=leg.instrument,
            intent=intent,
            group=group,
            leg=leg.number,
        )
        if order.status == OrderStatus.REJECTED:
            raise _SliceRefused(GateDecision("slices", False, order.status_code, order.status_message))
        orders.append(order)
    return orders


def _whole_refused(actor: Actor, account: TradingAccount, leg: PlannedLeg) -> GateDecision | None:
    situation = situation_of(
        actor=actor,
        account=account,
        instrument=leg.instrument,
        intent=leg.whole,
        action=OrderAction.PREVIEW,
    )
    return verdict_on(situation.context.as_whole, today=situation.today).refusal


def _report(group: OrderGroup, legs: Sequence[PlannedLeg | LegRefusal], reasons: Reasons) -> None:
    """Note each of these legs as refused; one without a reason of its own was held back by the others."""
    RefusedLeg.objects.bulk_create(
        RefusedLeg(
            organisation_id=group.organisation_id,
            group=group,
            leg=leg.number,
            symbol=leg.instrument.key if isinstance(leg, PlannedLeg) else leg.symbol,
            side=(leg.whole if isinstance(leg, PlannedLeg) else leg.leg.order).side,
            quantity=leg.whole.quantity if isinstance(leg, PlannedLeg) else leg.quantity,
            code=reasons.get(leg.number, HELD_BACK)[0],
            message=reasons.get(leg.number, HELD_BACK)[1][:255],
        )
        for leg in legs
    )
