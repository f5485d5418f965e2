"""The shape of what a page sends about triggers. Whether a trigger may stand is the services' business."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from core.errors import NotFound
from core.ids import new_id
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.intent import MAX_PRICE, MAX_QUANTITY, Origin
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.rules import LEGS, MAX_NOTE, MAX_PERCENT
from trading.orders.domain.triggers.states import (
    FINAL_TRIGGERS,
    OPEN_TRIGGERS,
    LegRole,
    TriggerKind,
    TriggerStatus,
)
from trading.orders.forms.orders import full_key
from trading.orders.models import Trigger, TriggerLeg
from trading.orders.services.triggers import LegTerms, TriggerModification
from trading.portfolio.models import Position

POINTS, PERCENT, NONE = "POINTS", "PERCENT", ""
KINDS = {
    TriggerKind.OCO: ("Target and stop", "Guards a position on both sides; whichever price comes first gets out."),
    TriggerKind.TRAILING: ("Trailing stop", "Follows the price at a distance and never steps back."),
    TriggerKind.SINGLE: ("One price", "Waits up to a year for one price, then sends one order."),
    TriggerKind.BRACKET: ("Bracket", "Enters now, then guards what has filled with a target and a stop."),
    TriggerKind.COVER: ("Cover", "Enters now, with a stop that cannot be left out."),
}
_TYPES = [(OrderType.MARKET, "Market"), (OrderType.LIMIT, "Limit")]


def _price(**options: Any) -> forms.DecimalField:
    return forms.DecimalField(min_value=Decimal("0.0001"), max_value=MAX_PRICE, required=False, **options)


class TriggerForm(forms.Form):
    """A trigger to create. Each kind reads the fields of its own legs and no other."""

    account = forms.UUIDField()
    symbol = forms.CharField(max_length=64)
    kind = forms.ChoiceField(choices=[(kind.value, label) for kind, (label, _) in KINDS.items()])
    side = forms.ChoiceField(choices=[(side.value, side.value.capitalize()) for side in Side])
    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    product = forms.ChoiceField(choices=[(product.value, product.value.capitalize()) for product in Product])
    strategy = forms.CharField(max_length=64, required=False)
    expires_on = forms.DateField(required=False)
    note = forms.CharField(max_length=MAX_NOTE, required=False)
    client_order_id = forms.CharField(max_length=64)
    entry_type = forms.ChoiceField(choices=_TYPES, required=False)
    entry_price = _price()
    single_at = _price()
    single_type = forms.ChoiceField(choices=_TYPES, required=False)
    single_price = _price()
    target_at = _price()
    stop_at = _price()
    stop_price = _price(label="Stop's limit")
    trail_by = forms.ChoiceField(choices=[(NONE, "Fixed"), (POINTS, "Points"), (PERCENT, "%")], required=False)
    trail_gap = forms.DecimalField(min_value=0, max_value=MAX_PRICE, required=False)

    def clean_symbol(self) -> str:
        """The canonical key, with the instrument kept for whoever shows the form again."""
        try:
            self.instrument = instrument_get(self.cleaned_data["symbol"])
        except NotFound as error:
            raise forms.ValidationError(error.detail) from error
        return self.instrument.key

    def intent(self) -> TriggerIntent:
        """What the trader asks for; call after `is_valid()`."""
        asked = self.cleaned_data
        kind = TriggerKind(asked["kind"])
        return TriggerIntent(
            account_id=asked["account"],
            key=asked["symbol"],
            kind=kind,
            side=Side(asked["side"]),
            quantity=asked["quantity"],
            product=Product(asked["product"]),
            legs=tuple(self._leg(role, kind) for role in LEGS[kind]),
            client_order_id=asked["client_order_id"],
            strategy=asked["strategy"],
            expires_on=asked["expires_on"],
            note=asked["note"],
            origin=Origin.MANUAL,
        )

    def _leg(self, role: LegRole, kind: TriggerKind) -> LegIntent:
        asked = self.cleaned_data
        if role is LegRole.ENTRY:
            order_type = OrderType(asked["entry_type"] or OrderType.MARKET)
            return LegIntent(role, order_type, price=asked["entry_price"] if order_type.has_limit else None)
        if role is LegRole.SINGLE:
            order_type = OrderType(asked["single_type"] or OrderType.MARKET)
            price = asked["single_price"] if order_type.has_limit else None
            return LegIntent(role, order_type, asked["single_at"], price)
        if role is LegRole.TARGET:
            return LegIntent(role, OrderType.LIMIT, asked["target_at"])
        return self._stop(kind)

    def _stop(self, kind: TriggerKind) -> LegIntent:
        asked = self.cleaned_data
        trail_by = asked["trail_by"] or (POINTS if kind is TriggerKind.TRAILING else NONE)
        if trail_by != NONE:
            return LegIntent(
                LegRole.STOP,
                OrderType.MARKET,
                trail_points=asked["trail_gap"] if trail_by == POINTS else None,
                trail_percent=asked["trail_gap"] if trail_by == PERCENT else None,
            )
        limit = asked["stop_price"]
        return LegIntent(
            LegRole.STOP, OrderType.MARKET if limit is None else OrderType.LIMIT, asked["stop_at"], limit
        )


def trigger_initial(
    *, instrument: Instrument, account_id: UUID, position: Position | None, asked: dict[str, str], product: str
) -> dict[str, Any]:
    """A fresh form: guarding the position it was asked for, or what the query string says."""
    kind = asked.get("kind", TriggerKind.OCO if position else TriggerKind.SINGLE)
    values: dict[str, Any] = {
        "account": account_id,
        "symbol": instrument.key,
        "kind": kind,
        "side": asked.get("side", Side.BUY),
        "quantity": asked.get("quantity", instrument.lot_size),
        "product": asked.get("product", product),
        "entry_type": OrderType.MARKET,
        "single_type": OrderType.MARKET,
        "trail_by": POINTS if kind == TriggerKind.TRAILING else NONE,
        "client_order_id": str(new_id()),
    }
    if position is not None:
        values |= {
            "side": Side.SELL if position.quantity > 0 else Side.BUY,
            "quantity": abs(position.quantity),
            "product": position.product,
            "strategy": position.strategy,
        }
    return values


class TriggerModifyForm(forms.Form):
    """What may change on an open trigger: one field for each price that it waits for."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    expires_on = forms.DateField(required=False)
    note = forms.CharField(max_length=MAX_NOTE, required=False)
    single_at = _price()
    target_at = _price()
    stop_at = _price()
    trail_points = _price()
    trail_percent = forms.DecimalField(min_value=0, max_value=MAX_PERCENT, required=False)

    def modification(self, trigger: Trigger) -> TriggerModification:
        """The values that differ from the trigger's own; call after `is_valid()`."""
        asked = self.cleaned_data
        legs = {LegRole(leg.role): leg for leg in trigger.legs.all()}
        changed = {role: self._terms(leg) for role, leg in legs.items() if role is not LegRole.ENTRY}
        last: date | None = asked["expires_on"]
        return TriggerModification(
            quantity=asked["quantity"] if asked["quantity"] != trigger.quantity else None,
            expires_on=last if last != trigger.expires_on else None,
            note=asked["note"] if asked["note"] != trigger.note else None,
            legs={role: terms for role, terms in changed.items() if terms != LegTerms()},
        )

    def _terms(self, leg: TriggerLeg) -> LegTerms:
        asked = self.cleaned_data
        if leg.trail is not None:
            points, percent = asked["trail_points"], asked["trail_percent"]
            return LegTerms(
                trail_points=points if points != leg.trail_points else None,
                trail_percent=percent if percent != leg.trail_percent else None,
            )
        at = asked[f"{leg.role.lower()}_at"]
        return LegTerms(trigger_price=at if at != leg.trigger_price else None)


def modify_initial(trigger: Trigger) -> dict[str, Any]:
    """The trigger's own values."""
    values: dict[str, Any] = {
        "quantity": trigger.quantity,
        "expires_on": trigger.expires_on,
        "note": trigger.note,
    }
    for leg in trigger.legs.all():
        values |= {"trail_points": leg.trail_points, "trail_percent": leg.trail_percent} if leg.trail else {}
        values[f"{leg.role.lower()}_at"] = leg.trigger_price
    return values


class TriggerFilter(forms.Form):
    """The triggers page's filters, all optional; nonsense is ignored rather than refused."""

    VIEWS = {
        "active": ("Active", OPEN_TRIGGERS),
        "alarm": ("In alarm", frozenset({TriggerStatus.ALARM})),
        "history": ("History", FINAL_TRIGGERS),
    }

    view = forms.ChoiceField(choices=[(name, label) for name, (label, _) in VIEWS.items()], required=False)
    symbol = forms.CharField(max_length=64, required=False)
    account = forms.UUIDField(required=False)

    def criteria(self) -> tuple[str, dict[str, Any]]:
        """The chosen view's name, and the selector's arguments."""
        self.is_valid()
        asked = self.cleaned_data
        view = asked.get("view") or "active"
        key = full_key(str(asked.get("symbol") or ""))
        return view, {"statuses": self.VIEWS[view][1], "key": key, "account_id": asked.get("account")}
