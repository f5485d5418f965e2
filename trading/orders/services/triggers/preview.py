"""What an entry with exits would cost, risk and be told, without writing anything."""

from dataclasses import dataclass

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core import clock
from core.errors import InvalidInput
from trading.orders.domain.triggers.crossing import direction_of, trailed_price
from trading.orders.domain.triggers.intent import TriggerIntent
from trading.orders.domain.triggers.outcome import Outcome, outcome_of
from trading.orders.domain.triggers.rules import Terms, market_faults, shape_faults
from trading.orders.domain.triggers.states import LegRole
from trading.orders.services.order.preview import OrderPreview, order_preview

from .create import entry_order, faults_raise, instrument_for, terms_for


@dataclass(frozen=True, slots=True)
class EntryPreview:
    """`order` is the preview of the entry alone: the exits are paid for when they fire."""

    order: OrderPreview
    outcome: Outcome


def entry_preview(*, actor: Actor, intent: TriggerIntent) -> EntryPreview:
    """Judge a BRACKET or COVER as `trigger_create` would.

    Needs PLACE_ORDERS; raises what `trigger_create` would raise, and `InvalidInput` for a kind without an entry.
    """
    actor.require(Permission.PLACE_ORDERS)
    if not intent.kind.has_entry:
        raise InvalidInput(f"{intent.kind} has no entry to preview.", code="trigger_without_entry")
    faults_raise(shape_faults(intent))
    instrument = instrument_for(intent)
    order = entry_order(intent, client_order_id=intent.client_order_id)
    terms = terms_for(instrument, at=clock.now(), entry_price=order.price)
    faults_raise(market_faults(intent, terms))
    preview = order_preview(actor=actor, intent=order)
    return EntryPreview(preview, _outcome(intent, terms, preview))


def _outcome(intent: TriggerIntent, terms: Terms, preview: OrderPreview) -> Outcome:
    """A MARKET entry is measured from what the shown book would make of it, without one from the last price."""
    entry, stop, target = (intent.leg(role) for role in (LegRole.ENTRY, LegRole.STOP, LegRole.TARGET))
    if entry is None or stop is None:
        raise InvalidInput("An entry is guarded by a stop.", code="trigger_legs_wrong")
    stop_price = stop.trigger_price
    if stop_price is None and stop.trail is not None:
        direction = direction_of(LegRole.STOP, intent.exit_side)
        stop_price = trailed_price(direction, terms.reference, stop.trail, terms.tick_size)
    if stop_price is None:
        raise InvalidInput("Which price should the stop wait for?", code="trigger_price_required")
    return outcome_of(
        side=intent.side,
        quantity=intent.quantity,
        entry_price=entry.price or preview.impact.expected_price or terms.reference,
        stop_price=stop_price,
        target_price=None if target is None else target.trigger_price,
    )
