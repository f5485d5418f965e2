"""Trading states and the kill switch in the API."""

from typing import Any

from rest_framework import serializers

from core.api.fields import InstantField

from ..domain.states import Level, Source, State
from ..models.scope import REASON_LENGTH
from .fields import account_field, strategy_field


class StateInput(serializers.Serializer[Any]):
    """What `PUT risk/states` takes."""

    account = account_field("Leave out for the organisation, or for a strategy in all accounts.")
    strategy = strategy_field("Leave out for the whole account or organisation.")
    state = serializers.ChoiceField(choices=[str(state) for state in State])
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=REASON_LENGTH)
    expires_at = InstantField(required=False, allow_null=True, help_text="When it goes back to ACTIVE by itself.")


class StateSerializer(serializers.Serializer[Any]):
    """A state that holds trading back."""

    account = serializers.UUIDField(allow_null=True)
    strategy = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[str(level) for level in Level])
    source = serializers.ChoiceField(choices=[str(source) for source in Source])  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=[str(state) for state in State])
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    since = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class StatesSerializer(serializers.Serializer[Any]):
    """States now: what decides for an account (null without one), and all that hold."""

    in_force = serializers.ChoiceField(choices=[str(state) for state in State], allow_null=True)
    states = StateSerializer(many=True)


class StatesQuery(serializers.Serializer[Any]):
    """Whose states."""

    account = serializers.UUIDField(required=False)
    strategy = strategy_field("")


class KillSwitchInput(serializers.Serializer[Any]):
    """What a press stops."""

    account = account_field("Leave out for the organisation, or for a strategy in all accounts.")
    strategy = strategy_field("Leave out for the whole account or organisation.")
    reason = serializers.CharField(max_length=REASON_LENGTH)
    flatten = serializers.BooleanField(default=False, help_text="Close the open positions at market as well.")


class KillSwitchReleaseInput(serializers.Serializer[Any]):
    """Without a token the release is asked for, with it confirmed."""

    id = serializers.UUIDField()
    token = serializers.CharField(required=False, allow_blank=True, default="", max_length=32)


class KillSwitchSerializer(serializers.Serializer[Any]):
    """A press of a kill switch."""

    id = serializers.UUIDField()
    account = serializers.UUIDField(allow_null=True)
    strategy = serializers.CharField(allow_blank=True)
    level = serializers.ChoiceField(choices=[str(level) for level in Level])
    reason = serializers.CharField()
    flatten = serializers.BooleanField()
    pressed_at = serializers.DateTimeField()
    pressed_by = serializers.CharField()
    orders_cancelled = serializers.IntegerField()
    positions_closed = serializers.IntegerField()
    release_asked_at = serializers.DateTimeField(allow_null=True)
    release_asked_by = serializers.CharField(allow_blank=True)
    released_at = serializers.DateTimeField(allow_null=True)
    released_by = serializers.CharField(allow_blank=True)


class KillSwitchesSerializer(serializers.Serializer[Any]):
    """What `GET risk/kill-switch` answers."""

    results = KillSwitchSerializer(many=True)


class KillSwitchReleaseSerializer(KillSwitchSerializer):
    """A press whose release was asked for: the token to confirm with, shown once."""

    token = serializers.CharField()
    token_expires_at = serializers.DateTimeField()
