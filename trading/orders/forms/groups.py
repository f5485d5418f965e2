"""The shape of what the builders send: parallel lists of fields, one entry a leg, and what concerns them all."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from core.errors import NotFound
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.group import GroupIntent, GroupKind, LegIntent
from trading.orders.domain.intent import MAX_PRICE, MAX_QUANTITY, MAX_TEXT, OrderIntent, Origin
from trading.orders.domain.option_choice import ExpiryRule, OptionChoice, Right, StrikeOffset
from trading.orders.forms.orders import TYPE_LABELS, TYPES, price_field
from trading.orders.services import KeptRow

LEG_FIELDS = ("symbol", "option_type", "at", "side", "lots", "order_type", "product", "price")
# Columns that a page may leave out as a whole: every leg is then for the day, without a trigger.
OPTIONAL_FIELDS = ("trigger_price", "validity")


class LegForm(forms.Form):
    """One leg: an instrument, or an option by its type and its strike or offset (`at`). `lots` are of one unit
    where the instrument has no lots."""

    symbol = forms.CharField(max_length=64, required=False)
    option_type = forms.ChoiceField(choices=[(str(right), str(right)) for right in Right], required=False)
    at = forms.CharField(max_length=16, required=False)
    side = forms.ChoiceField(choices=[(side.value, side.value.capitalize()) for side in Side])
    lots = forms.IntegerField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages={"required": "how many?", "min_value": "at least 1.", "invalid": "a whole number."},
    )
    order_type = forms.ChoiceField(choices=TYPES)
    product = forms.ChoiceField(choices=[(product.value, product.value.capitalize()) for product in Product])
    price = price_field()
    trigger_price = price_field()
    validity = forms.ChoiceField(choices=[(each.value, each.value) for each in Validity], required=False)

    instrument: Instrument | None = None

    def clean_symbol(self) -> str:
        """The canonical key, with the instrument kept for its lot and tick."""
        key = str(self.cleaned_data["symbol"])
        if not key:
            return ""
        try:
            self.instrument = instrument_get(key)
        except NotFound as error:
            raise forms.ValidationError(error.detail) from error
        return self.instrument.key

    def clean_at(self) -> StrikeOffset | Decimal | None:
        """An offset as traders write it, or a strike."""
        return read_at(str(self.cleaned_data["at"]))

    def clean(self) -> dict[str, Any]:
        """The prices that the type has are there, any other is ignored. A leg names one contract."""
        cleaned = super().clean() or {}
        if "order_type" in cleaned:
            self._prices_fit(cleaned, OrderType(cleaned["order_type"]))
        if not cleaned.get("symbol") and not self.errors and not (cleaned.get("at") and cleaned.get("option_type")):
            raise forms.ValidationError("Name an instrument, or an option.")
        return cleaned

    def _prices_fit(self, cleaned: dict[str, Any], kind: OrderType) -> None:
        for name, needed in (("price", kind.has_limit), ("trigger_price", kind.is_stop)):
            if not needed:
                cleaned[name] = None
                self.errors.pop(name, None)
            elif cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, f"{TYPE_LABELS[kind]} orders need one.")


class BuilderForm(forms.Form):
    """A basket or a multi-leg order as its builder sends it; `legs` are `LegForm`s in the order shown."""

    account = forms.UUIDField()
    name = forms.CharField(max_length=64, required=False)
    strategy = forms.CharField(max_length=MAX_TEXT, required=False)
    all_or_nothing = forms.BooleanField(required=False)
    autoslice = forms.BooleanField(required=False)
    underlying = forms.CharField(max_length=40, required=False)
    exchange = forms.ChoiceField(choices=[("NFO", "NFO"), ("BFO", "BFO")], required=False)
    expiry = forms.CharField(max_length=16, required=False)
    client_order_id = forms.CharField(max_length=56)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        columns = [data.getlist(name) for name in LEG_FIELDS]
        legs = [dict(zip(LEG_FIELDS, row, strict=True)) for row in zip(*columns, strict=False)]
        for name in OPTIONAL_FIELDS:
            for leg, value in zip(legs, data.getlist(name), strict=False):
                leg[name] = value
        self.legs = [LegForm(leg) for leg in legs]

    def clean_expiry(self) -> date | ExpiryRule | None:
        """A date or a rule, None when nothing was chosen."""
        return read_expiry(str(self.cleaned_data["expiry"]))

    def problems(self) -> list[str]:
        """What is wrong, in words; empty when `intent()` may be called."""
        found = _words(self.errors)
        for number, leg in enumerate(self.legs, start=1):
            found += [f"Leg {number}: {text}" for text in _words(leg.errors)]
            by_offset = leg.is_valid() and not leg.cleaned_data["symbol"]
            if by_offset and not (self.cleaned_data.get("underlying") and self.cleaned_data.get("expiry")):
                found.append(f"Leg {number}: choose an underlying and an expiry.")
        return found if self.legs else ["Add an instrument to begin with."]

    def intent(self, kind: GroupKind) -> GroupIntent:
        """What is asked for; call when there are no `problems()`."""
        asked = self.cleaned_data
        return GroupIntent(
            account_id=asked["account"],
            kind=kind,
            legs=tuple(self._leg(leg.cleaned_data) for leg in self.legs),
            client_order_id=asked["client_order_id"],
            name=asked["name"],
            all_or_nothing=asked["all_or_nothing"],
            autoslice=asked["autoslice"],
            origin=Origin.MANUAL,
        )

    def rows(self) -> list[KeptRow]:
        """The legs as a basket keeps them; call when there are no `problems()`."""
        return [
            KeptRow(
                key=leg.instrument.key,
                side=leg.cleaned_data["side"],
                quantity=leg.cleaned_data["lots"] * leg.instrument.lot_size,
                order_type=leg.cleaned_data["order_type"],
                product=leg.cleaned_data["product"],
                price=leg.cleaned_data["price"],
                trigger_price=leg.cleaned_data["trigger_price"],
                validity=leg.cleaned_data["validity"] or Validity.DAY,
            )
            for leg in self.legs
            if leg.instrument is not None
        ]

    def _leg(self, leg: Mapping[str, Any]) -> LegIntent:
        order = OrderIntent(
            account_id=self.cleaned_data["account"],
            key=leg["symbol"],
            side=Side(leg["side"]),
            quantity=leg["lots"],
            order_type=OrderType(leg["order_type"]),
            product=Product(leg["product"]),
            validity=Validity(leg["validity"] or Validity.DAY),
            price=leg["price"],
            trigger_price=leg["trigger_price"],
            client_order_id="",
            origin=Origin.MANUAL,
            strategy=self.cleaned_data["strategy"],
        )
        return LegIntent(order=order, lots=leg["lots"], option=None if leg["symbol"] else self._choice(leg))

    def _choice(self, leg: Mapping[str, Any]) -> OptionChoice:
        return OptionChoice(
            underlying=self.cleaned_data["underlying"].strip().upper(),
            expiry=self.cleaned_data["expiry"],
            right=Right(leg["option_type"]),
            strike=leg["at"],
            exchange=self.cleaned_data["exchange"] or "NFO",
        )


class CloseForm(forms.Form):
    """How much of a position to close, and at which limit; market without one."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    price = forms.DecimalField(min_value=Decimal("0.0001"), max_value=MAX_PRICE, required=False)
    client_order_id = forms.CharField(max_length=56)


class ConvertForm(forms.Form):
    """The product to carry a position on as, and how much of it."""

    product = forms.ChoiceField(choices=[(product.value, product.value.capitalize()) for product in Product])
    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    client_order_id = forms.CharField(max_length=56)


class ScopeForm(forms.Form):
    """Which positions or orders an act is for: an account, a strategy, a product, an instrument, or all."""

    account = forms.UUIDField(required=False)
    strategy = forms.CharField(max_length=64, required=False)
    product = forms.ChoiceField(
        choices=[(product.value, product.value.capitalize()) for product in Product], required=False
    )
    symbol = forms.CharField(max_length=64, required=False)


def read_at(text: str) -> StrikeOffset | Decimal | None:
    """A strike or an offset; None for nothing, a ValidationError for anything else."""
    text = text.strip()
    if not text:
        return None
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return Decimal(text)
    try:
        return StrikeOffset.parse(text)
    except ValueError as error:
        raise forms.ValidationError("write a strike, or ATM, ITM1, OTM1 and so on.") from error


def read_expiry(text: str) -> date | ExpiryRule | None:
    """A date or a rule; None for nothing, a ValidationError for anything else."""
    if not text:
        return None
    if text in set(ExpiryRule):
        return ExpiryRule(text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise forms.ValidationError("choose one of the expiries.") from error


def _words(errors: Any) -> list[str]:
    return [
        str(text) if name == "__all__" else f"{str(name).replace('_', ' ').capitalize()}: {text}"
        for name, texts in errors.items()
        for text in texts
    ]
