"""The forms of the risk desk; rules are the services'."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from trading.brokers.domain.terms import Side

from .domain.limit_specs import ALL_SPECS, LIST_SPECS
from .domain.limits import ALL_NAMES, LIMIT_NAMES
from .domain.sizing import Method
from .domain.states import State
from .models.scope import REASON_LENGTH, STRATEGY_LENGTH


class NamesField(forms.CharField):
    """Names parted by commas or blanks; empty is None."""

    def clean(self, value: Any) -> frozenset[str] | None:
        """The names in upper case."""
        text = super().clean(value)
        names = frozenset(part.upper() for part in text.replace(",", " ").split())
        return names or None

    def prepare_value(self, value: Any) -> Any:
        """The names as they are typed."""
        return ", ".join(sorted(value)) if isinstance(value, frozenset | set) else value


def _field(name: str) -> forms.Field:
    spec = ALL_SPECS[name]
    common: dict[str, Any] = {"label": spec.label, "help_text": spec.explanation, "required": False}
    if name in LIST_SPECS:
        return NamesField(max_length=4000, **common)
    if name in LIMIT_NAMES:
        return forms.DecimalField(min_value=Decimal(0), max_digits=15, decimal_places=2, **common)
    return forms.TimeField(input_formats=["%H:%M", "%H:%M:%S"], **common)


def _rupees(label: str, text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=text, required=False, min_value=Decimal(1), max_digits=15, decimal_places=2
    )


def _whole(label: str, text: str, *, required: bool = True, most: int = 100_000) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=text, required=required, min_value=1, max_value=most)


def _seconds(label: str, text: str) -> forms.IntegerField:
    return _whole(label, text, most=86_400)


class LimitsForm(forms.Form):
    """One optional field a limit; empty leaves it to the other levels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ALL_NAMES:
            self.fields[name] = _field(name)

    def values(self) -> Mapping[str, Any]:
        """What was entered; None where the field was left empty."""
        return {name: self.cleaned_data[name] for name in ALL_NAMES}


class ScopeForm(forms.Form):
    """Whom an act is about: an account ("" for all), and a strategy ("" for all trading)."""

    account = forms.UUIDField(required=False)
    strategy = forms.CharField(required=False, max_length=STRATEGY_LENGTH)


class StateForm(ScopeForm):
    """A trading state to set."""

    state = forms.ChoiceField(choices=[(state.value, state.value.capitalize()) for state in State])
    reason = forms.CharField(required=False, max_length=REASON_LENGTH)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=60 * 24 * 30)


class KillSwitchForm(ScopeForm):
    """A press. `sure` is the deliberate second movement of the hand."""

    reason = forms.CharField(max_length=REASON_LENGTH)
    flatten = forms.BooleanField(required=False)
    sure = forms.BooleanField(error_messages={"required": "Tick that you mean it."})


class ReleaseForm(forms.Form):
    """The token of a release."""

    token = forms.CharField(max_length=32)


class BreakerResetForm(forms.Form):
    """Why a breaker is closed by hand."""

    account = forms.UUIDField()
    reason = forms.CharField(max_length=REASON_LENGTH)


class BreakerRuleForm(forms.Form):
    """When a breaker trips and how it comes back; an empty threshold trips nothing."""

    is_enabled = forms.BooleanField(required=False, label="Switched on")
    max_loss = _rupees("Loss of the day", "₹. Opens once the day's loss after charges has reached it.")
    max_drawdown = _rupees(
        "Fall from the day's peak", "₹. Opens once the day's result has fallen so far from its best."
    )
    reject_count = _whole("Refused orders", "Opens at so many refusals within the seconds beside.", required=False)
    reject_seconds = _seconds("Refused within, seconds", "What counts as a storm of refusals.")
    broker_error_count = _whole("Broker errors", "Opens at so many unanswered orders.", required=False)
    broker_error_seconds = _seconds("Errors within, seconds", "What counts as trouble at the broker.")
    open_state = forms.ChoiceField(
        label="While it is open",
        choices=[("REDUCING", "Only exits pass"), ("HALTED", "Nothing passes")],
        help_text="Until the cool-off is over.",
    )
    cool_off_seconds = _seconds("Cool-off, seconds", "How long it stays open at least.")
    half_open_order_value = _rupees(
        "Order value while half open", "₹. Larger openings wait for it to close; empty lets only exits pass."
    )
    probation_seconds = _seconds("Probation, seconds", "Calm for so long while half open closes it.")


class SizingForm(forms.Form):
    """The calculator's questions; what is empty is taken from the account or the market."""

    account = forms.UUIDField()
    symbol = forms.CharField(max_length=64)
    method = forms.ChoiceField(choices=[(method.value, method.value) for method in Method])
    side = forms.ChoiceField(choices=[(side.value, side.value) for side in Side], required=False)
    atr_period = forms.IntegerField(required=False)
    atr_interval = forms.CharField(required=False, max_length=3)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in SIZING_NUMBERS:
            self.fields[name] = forms.DecimalField(required=False, max_digits=17, decimal_places=4)


SIZING_NUMBERS = (
    "capital",
    "price",
    "percent",
    "stop_price",
    "atr",
    "atr_multiple",
    "win_rate",
    "payoff_ratio",
    "kelly_fraction",
    "cap_percent",
)
