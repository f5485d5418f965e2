"""Sending signals: the run's row is held while the order goes through its door, so a paused run sends nothing.

The signal's row was committed before, and names the order. A crash in between leaves it READY; whoever resumes
sends it again under the same name, which the door knows.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from core import clock
from core.errors import RetryLater, SaudaError
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.domain.states import OrderStatus
from trading.orders.domain.triggers.intent import LegIntent as TriggerLegIntent
from trading.orders.domain.triggers.intent import TriggerIntent
from trading.orders.domain.triggers.states import LegRole, TriggerKind
from trading.orders.models import Order, OrderGroup, RefusedLeg, Trigger
from trading.orders.services import group_submit, order_submit
from trading.orders.services.triggers import trigger_create
from trading.strategies.domain.runs.limits import Refusal
from trading.strategies.domain.runs.signals import SignalState, move
from trading.strategies.domain.runs.states import RunState
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.services.runs.rows import run_lock, trading_actor

REVOKED = Refusal("starter_revoked", "Whoever started the run may not trade here any more.")


def signals_send(
    *, run_id: UUID, batch: Sequence[Signal], actor: Actor | None = None, epoch: int | None = None
) -> list[Signal]:
    """Send READY signals that stand or fall together; returns them as they are then: ORDERED or REFUSED.

    In the name of `actor`, else of whoever started the run with the rights that they have now. What is not READY
    any more is left as it is. Raises `LeaseLost`, and `RetryLater` when the house cannot take orders at the moment:
    the signals stay READY.
    """
    with transaction.atomic():
        run = run_lock(run_id, epoch=epoch)
        signals = list(
            Signal.objects.filter(id__in=[each.id for each in batch])
            .select_related("run", "instrument", "order")
            .order_by("seq")
        )
        if any(signal.state != SignalState.READY for signal in signals):
            return signals
        refusal = _held_back(run, signals, actor)
        if refusal is not None:
            for signal in signals:
                expired = refusal.code == "not_sent"
                _end(signal, SignalState.EXPIRED if expired else SignalState.REFUSED, refusal)
            return signals
        sender = actor or trading_actor(run)
        assert sender is not None, "without a sender it was held back"
        _send(run, signals, sender)
        return signals


def _held_back(run: StrategyRun, signals: Sequence[Signal], actor: Actor | None) -> Refusal | None:
    if run.state != RunState.RUNNING:
        return Refusal(f"run_{run.state.lower()}", f"The run is {run.state.lower()}; it sends nothing.")
    if actor is None and min(signal.expires_at for signal in signals) <= clock.now():
        return Refusal("not_sent", "It could not be sent in time.")
    if actor is None and trading_actor(run) is None:
        return REVOKED
    return None


def batch_of(signal: Signal) -> list[Signal]:
    """The signal and those that stand or fall with it, by sequence."""
    if signal.batch is None:
        return [signal]
    return list(
        Signal.objects.filter(run_id=signal.run_id, batch=signal.batch)
        .select_related("run", "instrument", "order")
        .order_by("seq")
    )


def _send(run: StrategyRun, signals: list[Signal], actor: Actor) -> None:
    try:
        with transaction.atomic():
            if len(signals) > 1:
                _send_together(run, signals, actor)
            elif signals[0].is_bracket:
                _send_bracket(run, signals[0], actor)
            else:
                order = order_submit(actor=actor, intent=_intent(run, signals[0], signals[0].client_order_id))
                _ordered(signals[0], order)
    except RetryLater:
        raise
    except SaudaError as error:
        for signal in signals:
            signal.order = None
            _end(signal, SignalState.REFUSED, Refusal(error.code, error.detail))


def _intent(run: StrategyRun, signal: Signal, name: str) -> OrderIntent:
    return OrderIntent(
        account_id=run.account_id,
        key=signal.instrument.key,
        side=Side(signal.side),
        quantity=signal.quantity,
        order_type=OrderType(signal.order_type),
        product=Product(signal.product),
        client_order_id=name,
        validity=Validity(signal.validity),
        price=signal.price,
        trigger_price=signal.trigger_price,
        origin=Origin.STRATEGY,
        strategy=run.name,
        tag=signal.tag,
        decision_price=signal.decision_price,
    )


def _send_together(run: StrategyRun, signals: list[Signal], actor: Actor) -> None:
    group = group_submit(
        actor=actor,
        intent=GroupIntent(
            account_id=run.account_id,
            kind=GroupKind.MULTI_LEG,
            legs=tuple(LegIntent(order=_intent(run, signal, "")) for signal in signals),
            client_order_id=signals[0].client_order_id,
            name=run.name,
            all_or_nothing=True,
            origin=Origin.STRATEGY,
        ),
    )
    _group_told(group, signals)


def _group_told(group: OrderGroup, signals: list[Signal]) -> None:
    orders = {order.leg: order for order in Order.objects.filter(group_id=group.id).order_by("-id")}
    refused = {leg.leg: leg for leg in RefusedLeg.objects.filter(group_id=group.id)}
    for number, signal in enumerate(signals, start=1):
        order, leg = orders.get(number), refused.get(number)
        if order is not None:
            _ordered(signal, order)
        elif leg is not None:
            _end(signal, SignalState.REFUSED, Refusal(leg.code, leg.message))
        else:
            _end(signal, SignalState.REFUSED, Refusal("group_refused", "Not placed."))


def _send_bracket(run: StrategyRun, signal: Signal, actor: Actor) -> None:
    legs = [
        TriggerLegIntent(role=LegRole.ENTRY, order_type=OrderType(signal.order_type), price=signal.price),
        _stop_leg(signal),
    ]
    kind = TriggerKind.COVER
    if signal.target is not None:
        kind = TriggerKind.BRACKET
        legs.append(TriggerLegIntent(LegRole.TARGET, OrderType.LIMIT, trigger_price=signal.target))
    trigger = trigger_create(
        actor=actor,
        intent=TriggerIntent(
            account_id=run.account_id,
            key=signal.instrument.key,
            kind=kind,
            side=Side(signal.side),
            quantity=signal.quantity,
            product=Product(signal.product),
            legs=tuple(legs),
            client_order_id=signal.client_order_id,
            strategy=run.name,
            note=signal.tag,
            origin=Origin.STRATEGY,
            decision_price=signal.decision_price,
        ),
    )
    _ordered(signal, entry_of(trigger))


def _stop_leg(signal: Signal) -> TriggerLegIntent:
    """A stop at its price, or one that starts at its gap from the market and trails."""
    if signal.trail is not None:
        return TriggerLegIntent(LegRole.STOP, OrderType.MARKET, trail_points=signal.trail)
    return TriggerLegIntent(LegRole.STOP, OrderType.MARKET, trigger_price=signal.stop)


def entry_of(trigger: Trigger) -> Order:
    """The order that a bracket or cover entered with."""
    order: Order = Order.objects.filter(trigger_id=trigger.id, trigger_leg__role=LegRole.ENTRY).earliest("id")
    return order


def _ordered(signal: Signal, order: Order) -> None:
    """Tie the signal to its order, which is a refusal when the door refused it."""
    signal.order = order
    if order.status == OrderStatus.REJECTED:
        _end(signal, SignalState.REFUSED, Refusal(order.status_code, order.status_message))
    else:
        _end(signal, SignalState.ORDERED, None)


def _end(signal: Signal, state: SignalState, refusal: Refusal | None) -> None:
    signal.state = move(SignalState(signal.state), state)
    if refusal is not None:
        signal.code, signal.reason = refusal.code[:40], refusal.message[:255]
    signal.save(update_fields=["state", "code", "reason", "order"])
