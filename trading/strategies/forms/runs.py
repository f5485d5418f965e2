"""The form of a new run: what is common to all, and the settings that its strategy declares."""

from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField

from core.templatetags.desk import words
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.indicators.parameters import Kind, Parameter
from trading.portfolio.models import TradingAccount
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.schedule import Schedule, Weekday, mask_of
from trading.strategies.domain.runs.states import Mode
from trading.strategies.domain.strategy import Strategy
from trading.strategies.services.runs import RunChanges, RunDraft
from trading.strategies.services.runs.bounds import SIGNAL_SECONDS

SETTING = "setting_"
_DAYS = [(str(int(day)), day.name.capitalize()) for day in Weekday]
_CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
_MOST = Decimal(10) ** 12


def _money(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal("0.01"), max_value=_MOST, decimal_places=2
    )


class RunLimitsForm(forms.Form):
    """What a run is held to; what is left empty does not limit."""

    capital = forms.DecimalField(
        label="Capital", min_value=Decimal(1), max_value=_MOST, decimal_places=2, initial=Decimal(100_000)
    )
    signal_seconds = forms.IntegerField(
        label="A signal lasts", min_value=SIGNAL_SECONDS[0], max_value=SIGNAL_SECONDS[1], initial=120
    )
    max_loss = _money("Loss of the run")
    max_loss_day = _money("Loss of a day")
    max_orders_day = forms.IntegerField(label="Orders a day", required=False, min_value=1, max_value=100_000)
    max_open_positions = forms.IntegerField(label="Open positions", required=False, min_value=1, max_value=500)
    approval_band = forms.DecimalField(
        label="Approve within",
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        decimal_places=2,
    )

    def limits(self) -> RunLimits:
        """The limits that are asked for; call after `is_valid()`."""
        return RunLimits(**{each.name: self.cleaned_data[each.name] for each in fields(RunLimits)})


class RunChangeForm(RunLimitsForm):
    """What a run is to be held to from now on."""

    loosen = forms.BooleanField(label="It may be allowed more than before", required=False)

    def changes(self) -> RunChanges:
        """What is asked for, whole; call after `is_valid()`."""
        asked = self.cleaned_data
        return {
            "capital": asked["capital"],
            "signal_seconds": asked["signal_seconds"],
            "max_loss": asked["max_loss"],
            "max_loss_day": asked["max_loss_day"],
            "max_orders_day": asked["max_orders_day"],
            "max_open_positions": asked["max_open_positions"],
            "approval_band": asked["approval_band"],
        }


class RunForm(RunLimitsForm):
    """A run of one strategy. Whether it can be is the service's business."""

    name = forms.CharField(label="Name", max_length=48)
    account = forms.ChoiceField(label="Account")
    symbols = forms.CharField(label="Instruments", max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}))
    interval = forms.ChoiceField(label="Timeframe")
    product = forms.ChoiceField(
        label="Product", choices=[(each.value, each.value.capitalize()) for each in Product]
    )
    mode = forms.ChoiceField(
        label="Signals", choices=[(Mode.AUTO.value, "Send at once"), (Mode.APPROVE.value, "Ask me first")]
    )
    # The exchange's calendar says when there are sessions: a week is only narrowed here.
    weekdays = forms.MultipleChoiceField(label="Days", choices=_DAYS, initial=[value for value, _ in _DAYS])
    start_time = forms.TimeField(label="From", required=False, widget=_CLOCK)
    stop_time = forms.TimeField(label="Until", required=False, widget=_CLOCK)
    flatten_at_stop = forms.BooleanField(label="Close everything then", required=False)
    special_sessions = forms.BooleanField(label="Special sessions too", required=False)

    def __init__(
        self, *args: Any, key: str, strategy: type[Strategy], accounts: Iterable[TradingAccount], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self._strategy, self._key = strategy, key
        choices: dict[str, list[tuple[str, str]]] = {
            "account": [(str(each.id), f"{each.name} · {each.mode}") for each in accounts],
            "interval": [(each.value, each.value) for each in strategy.intervals],
        }
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = values
        for parameter in strategy.parameters():
            self.fields[f"{SETTING}{parameter.name}"] = _field(parameter)

    @property
    def settings(self) -> list[BoundField]:
        """The fields of the strategy's own settings."""
        return [self[name] for name in self.fields if name.startswith(SETTING)]

    def draft(self) -> RunDraft:
        """What is asked for; call after `is_valid()`."""
        asked = self.cleaned_data
        return RunDraft(
            account_id=UUID(asked["account"]),
            name=asked["name"],
            strategy=self._key,
            symbols=tuple(asked["symbols"].replace(",", " ").upper().split()),
            interval=Interval(asked["interval"]),
            product=Product(asked["product"]),
            capital=asked["capital"],
            parameters=self._parameters(),
            mode=Mode(asked["mode"]),
            signal_seconds=asked["signal_seconds"],
            limits=self.limits(),
            schedule=Schedule(
                mask_of(Weekday(int(day)) for day in asked["weekdays"]),
                asked["start_time"],
                asked["stop_time"],
                asked["special_sessions"],
                asked["flatten_at_stop"],
            ),
        )

    def _parameters(self) -> dict[str, Any]:
        found = {}
        for parameter in self._strategy.parameters():
            value = self.cleaned_data[f"{SETTING}{parameter.name}"]
            if parameter.kind is Kind.CLOCK:
                value = f"{value:%H:%M}"
            found[parameter.name] = value
        return found


def _field(parameter: Parameter) -> forms.Field:
    """A form's field for a declared setting."""
    common: dict[str, Any] = {"label": parameter.title, "initial": parameter.default}
    match parameter.kind:
        case Kind.INTEGER:
            return forms.IntegerField(
                min_value=_whole(parameter.minimum), max_value=_whole(parameter.maximum), **common
            )
        case Kind.NUMBER:
            widget = forms.NumberInput(attrs={"step": "any"})
            return forms.FloatField(
                min_value=parameter.minimum, max_value=parameter.maximum, widget=widget, **common
            )
        case Kind.CHOICE:
            return forms.ChoiceField(choices=[(each, words(each)) for each in parameter.choices], **common)
        case Kind.FLAG:
            return forms.BooleanField(required=False, **common)
        case Kind.CLOCK:
            return forms.TimeField(widget=_CLOCK, **common)
        case Kind.SYMBOL:
            return forms.CharField(max_length=100, **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
