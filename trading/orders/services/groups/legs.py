"""From the legs that were asked for to orders that can be placed: contract found, units counted, sliced, named."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from core.errors import Conflict, InvalidInput, NotFound, SaudaError, Unprocessable
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.group import GroupIntent, LegIntent, buys_first, order_name, slice_quantities
from trading.orders.domain.intent import MAX_QUANTITY, OrderIntent
from trading.orders.services.groups.option_contracts import option_contract
from trading.orders.services.order.submit import intent_check

# What a leg can be refused for; anything else is trouble of the house and ends the whole request.
REFUSALS = (Conflict, InvalidInput, NotFound, Unprocessable)


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """A leg ready to be placed: `whole` is the order as asked for, `slices` what the exchange is to get.

    `findings` says with what an option by its offset was found.
    """

    number: int
    instrument: Instrument
    whole: OrderIntent
    slices: tuple[OrderIntent, ...]
    findings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LegRefusal:
    """A leg that cannot become an order; `symbol` as far as it is known."""

    number: int
    leg: LegIntent
    symbol: str
    code: str
    message: str

    @property
    def quantity(self) -> int:
        return min(max(self.leg.order.quantity, 0), MAX_QUANTITY)


def legs_plan(intent: GroupIntent) -> list[PlannedLeg | LegRefusal]:
    """Every leg in the order of placing (buys first), or why it cannot be placed. Writes nothing."""
    planned: list[PlannedLeg | LegRefusal] = []
    for number, leg in buys_first(intent.legs):
        try:
            planned.append(leg_plan(intent, number, leg))
        except REFUSALS as error:
            symbol = leg.order.key or (leg.option.label if leg.option else "")
            planned.append(LegRefusal(number, leg, symbol[:64], error.code, reason_of(error)[:255]))
    return planned


def leg_plan(intent: GroupIntent, number: int, leg: LegIntent) -> PlannedLeg:
    """One leg as orders; raises one of `REFUSALS` when it cannot be."""
    instrument, findings = _instrument(leg)
    quantity = leg.order.quantity * (instrument.lot_size if leg.lots is not None else 1)
    whole = replace(
        leg.order,
        key=instrument.key,
        quantity=quantity,
        client_order_id=order_name(intent.kind, intent.client_order_id, leg=number, place=1, of=1),
        origin=intent.origin,
    )
    intent_check(whole, is_sliced=intent.autoslice)
    return PlannedLeg(number, instrument, whole, _slices(intent, number, whole, instrument), findings)


def reason_of(error: SaudaError) -> str:
    """The first reason of an error, in words."""
    return next((text for texts in error.errors.values() for text in texts), error.detail)


def _instrument(leg: LegIntent) -> tuple[Instrument, dict[str, Any]]:
    if leg.option is None:
        return instrument_get(leg.order.key), {}
    found = option_contract(leg.option)
    return found.instrument, {
        "asked": leg.option.label,
        "symbol": found.instrument.key,
        "reference": found.reference_key,
        "reference_price": None if found.reference_price is None else str(found.reference_price),
    }


def _slices(
    intent: GroupIntent, number: int, whole: OrderIntent, instrument: Instrument
) -> tuple[OrderIntent, ...]:
    if not intent.autoslice:
        return (whole,)
    try:
        quantities = slice_quantities(
            whole.quantity, lot_size=instrument.lot_size, freeze_quantity=instrument.freeze_quantity
        )
    except ValueError as error:
        raise Unprocessable(
            f"The exchange freezes orders of less than one lot of {instrument.key}.", code="not_sliceable"
        ) from error
    if len(quantities) > settings.ORDER_SLICES_MAX:
        message = f"That would be {len(quantities)} orders; at most {settings.ORDER_SLICES_MAX} are sent for one."
        raise InvalidInput(message, code="too_many_slices", errors={"quantity": [message]})
    return tuple(
        replace(
            whole,
            quantity=quantity,
            disclosed_quantity=min(whole.disclosed_quantity, quantity),
            client_order_id=order_name(
                intent.kind, intent.client_order_id, leg=number, place=place, of=len(quantities)
            ),
        )
        for place, quantity in enumerate(quantities, start=1)
    )
