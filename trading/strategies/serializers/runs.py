"""The shape of what the API of runs and signals takes and gives. Rules are the services'; only types here."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField, PriceField
from core.api.reading import names_in
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.bars import Interval
from trading.orders.serializers.orders import StatusReasonSerializer, StrictPriceField, StrictQuantityField
from trading.strategies.domain.runs.schedule import Weekday
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.models import RunNoteKind

_CLOCK = ("%H:%M", "%H:%M:%S")
MOST = 10**6
WEEKDAYS = [day.name for day in Weekday]


class RunLimitsInput(serializers.Serializer[Any]):
    """A run's limits of its own; what is left out does not limit. Money in rupees."""

    max_loss = StrictPriceField(required=False, allow_null=True, default=None)
    max_loss_day = StrictPriceField(required=False, allow_null=True, default=None)
    max_orders_day = StrictQuantityField(required=False, allow_null=True, default=None, min_value=0, max_value=MOST)
    max_open_positions = StrictQuantityField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST
    )
    approval_band = StrictPriceField(required=False, allow_null=True, default=None)


class RunLimitsChange(serializers.Serializer[Any]):
    """Limits to change; what is left out stays, null takes a limit away. Money in rupees, the band in per cent."""

    max_loss = StrictPriceField(required=False, allow_null=True)
    max_loss_day = StrictPriceField(required=False, allow_null=True)
    max_orders_day = StrictQuantityField(required=False, allow_null=True, min_value=0, max_value=MOST)
    max_open_positions = StrictQuantityField(required=False, allow_null=True, min_value=0, max_value=MOST)
    approval_band = StrictPriceField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _only_known(self, attrs)


class StrategyRunChange(serializers.Serializer[Any]):
    """What a run is to be held to from now on. `loosen` says on purpose that it may be more than before."""

    capital = StrictPriceField(required=False)
    signal_seconds = StrictQuantityField(required=False, min_value=1, max_value=86_400)
    limits = RunLimitsChange(required=False)
    loosen = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _only_known(self, attrs)


def _only_known(serializer: serializers.Serializer[Any], attrs: dict[str, Any]) -> dict[str, Any]:
    """A limit that is misspelt must not be taken for one that was set."""
    given = serializer.initial_data if serializer.parent is None else serializer.parent.initial_data.get("limits")
    unknown = sorted(set(given or ()) - set(serializer.fields))
    if unknown:
        raise serializers.ValidationError({name: ["This cannot be changed."] for name in unknown})
    return attrs


class RunScheduleInput(serializers.Serializer[Any]):
    """When a run may trade; times of the day in India, `stop` is the first moment that is over."""

    weekdays = serializers.ListField(
        child=serializers.ChoiceField(choices=WEEKDAYS), required=False, default=WEEKDAYS, max_length=7
    )
    start = serializers.TimeField(required=False, allow_null=True, default=None, input_formats=_CLOCK)
    stop = serializers.TimeField(required=False, allow_null=True, default=None, input_formats=_CLOCK)
    special_sessions = serializers.BooleanField(required=False, default=True)
    flatten = serializers.BooleanField(required=False, default=False)


class StrategyRunInput(serializers.Serializer[Any]):
    """A run to make."""

    account = serializers.UUIDField()
    name = serializers.CharField(max_length=48)
    strategy = serializers.CharField(max_length=64)
    parameters = serializers.DictField(required=False, default=dict)
    symbols = serializers.ListField(child=serializers.CharField(max_length=64), max_length=500)
    interval = serializers.ChoiceField(choices=[str(each) for each in Interval])
    product = serializers.ChoiceField(choices=[str(each) for each in Product])
    capital = StrictPriceField()
    mode = serializers.ChoiceField(choices=[str(each) for each in Mode], default=str(Mode.AUTO))
    signal_seconds = StrictQuantityField(required=False, default=120, min_value=1, max_value=86_400)
    limits = RunLimitsInput(required=False)
    schedule = RunScheduleInput(required=False)


class RunStopInput(serializers.Serializer[Any]):
    """Whether what the run holds is closed too."""

    flatten = serializers.BooleanField(required=False, default=False)


class StrategyRunQuery(serializers.Serializer[Any]):
    """Filters of the list of runs; `state` takes several, separated by commas."""

    state = serializers.CharField(required=False)
    account = serializers.UUIDField(required=False)
    strategy = serializers.CharField(required=False, max_length=64)

    def validate_state(self, value: str) -> list[str]:
        return names_in(value, RunState)


class SignalQuery(serializers.Serializer[Any]):
    """Filters of the list of signals. `strategy` is a strategy's key or a run's name; `state` takes several."""

    strategy = serializers.CharField(required=False, max_length=64)
    run = serializers.UUIDField(required=False)
    state = serializers.CharField(required=False)
    symbol = serializers.CharField(required=False, max_length=64)

    def validate_state(self, value: str) -> list[str]:
        return names_in(value, SignalState)


class RunLimitsSerializer(serializers.Serializer[Any]):
    """A run's limits of its own."""

    max_loss = PriceField(allow_null=True)
    max_loss_day = PriceField(allow_null=True)
    max_orders_day = serializers.IntegerField(allow_null=True)
    max_open_positions = serializers.IntegerField(allow_null=True)
    approval_band = PriceField(allow_null=True, help_text="In per cent, either way.")


class RunScheduleSerializer(serializers.Serializer[Any]):
    """When a run may trade."""

    weekdays = serializers.ListField(child=serializers.ChoiceField(choices=WEEKDAYS))
    start = serializers.CharField(allow_null=True)
    stop = serializers.CharField(allow_null=True)
    special_sessions = serializers.BooleanField()
    flatten = serializers.BooleanField()


class StrategyRunSerializer(serializers.Serializer[Any]):
    """A run as the API shows it; documentation of `selectors.runs.run_shape`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    strategy = serializers.CharField()
    account = serializers.UUIDField()
    parameters = serializers.DictField()
    symbols = serializers.ListField(child=serializers.CharField())
    interval = serializers.ChoiceField(choices=[str(each) for each in Interval])
    product = serializers.ChoiceField(choices=[str(each) for each in Product])
    capital = PriceField()
    mode = serializers.ChoiceField(choices=[str(each) for each in Mode])
    signal_seconds = serializers.IntegerField()
    limits = RunLimitsSerializer()
    schedule = RunScheduleSerializer()
    state = serializers.ChoiceField(choices=[str(each) for each in RunState])
    state_reason = StatusReasonSerializer(allow_null=True)
    driven = serializers.BooleanField(help_text="Whether a process holds its lease.")
    heartbeat_at = InstantField(allow_null=True)
    net_pnl = PriceField()
    day_pnl = PriceField()
    open_positions = serializers.IntegerField()
    signals = serializers.IntegerField()
    created_by = serializers.CharField()
    created_at = InstantField()
    started_at = InstantField(allow_null=True)


class SignalSerializer(serializers.Serializer[Any]):
    """A signal as the API shows it; documentation of `selectors.runs.signal_shape`."""

    id = serializers.UUIDField()
    run = serializers.UUIDField()
    strategy = serializers.CharField()
    run_name = serializers.CharField()
    seq = serializers.IntegerField()
    batch = serializers.UUIDField(allow_null=True)
    account = serializers.UUIDField()
    symbol = serializers.CharField()
    side = serializers.ChoiceField(choices=[str(each) for each in Side])
    quantity = serializers.IntegerField()
    order_type = serializers.ChoiceField(choices=[str(each) for each in OrderType])
    product = serializers.ChoiceField(choices=[str(each) for each in Product])
    validity = serializers.ChoiceField(choices=[str(each) for each in Validity])
    price = PriceField(allow_null=True)
    trigger_price = PriceField(allow_null=True)
    stop = PriceField(allow_null=True)
    target = PriceField(allow_null=True)
    trail = PriceField(allow_null=True)
    tag = serializers.CharField()
    decision_price = PriceField(allow_null=True)
    approve_from = PriceField(allow_null=True, help_text="The lowest price at which it can be approved.")
    approve_to = PriceField(allow_null=True, help_text="The highest.")
    state = serializers.ChoiceField(choices=[str(each) for each in SignalState])
    state_reason = StatusReasonSerializer(allow_null=True)
    order = serializers.UUIDField(allow_null=True)
    answered_by = serializers.CharField()
    decided_at = InstantField()
    expires_at = InstantField()
    answered_at = InstantField(allow_null=True)


class RunNoteSerializer(serializers.Serializer[Any]):
    """A line of a run's journal."""

    seq = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=RunNoteKind.choices)
    message = serializers.CharField()
    at = InstantField()


class RunCloseSerializer(serializers.Serializer[Any]):
    """What became of closing one position."""

    symbol = serializers.CharField()
    quantity = serializers.IntegerField()
    order = serializers.UUIDField(allow_null=True)
    reason = StatusReasonSerializer(allow_null=True)


class RunFlattenedSerializer(serializers.Serializer[Any]):
    """The run after a flatten, and each position that it held."""

    run = StrategyRunSerializer()
    closed = RunCloseSerializer(many=True)
