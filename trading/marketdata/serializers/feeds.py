"""The state of feeds in the API."""

from datetime import datetime

import msgspec
from rest_framework import serializers

from core.api.fields import InstantField

from ..domain.feed_status import FeedState, FeedStatus


class FeedShape(msgspec.Struct, frozen=True):
    """How one feed is doing."""

    source: str
    state: FeedState
    detail: str
    priority: int
    instruments: int
    leads: int
    takeovers: int
    started_at: datetime
    reported_at: datetime
    last_tick_at: datetime | None
    lag_seconds: float | None
    resubscriptions: int
    reconnections: int
    attempts: int
    next_attempt_at: datetime | None
    ticks: int
    rejected: dict[str, int]
    recorded: int
    recorder_fault: str

    @classmethod
    def of(cls, status: FeedStatus, state: FeedState) -> "FeedShape":
        """A feed's report, with its state as seen now."""
        told = {name: getattr(status, name) for name in cls.__struct_fields__ if name != "state"}
        return cls(state=state, **told)


class FeedSerializer(serializers.Serializer[FeedShape]):
    """Schema of `FeedShape`."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF gives fields an attribute of this name
    state = serializers.ChoiceField(choices=[each.value for each in FeedState])
    detail = serializers.CharField()
    priority = serializers.IntegerField(help_text="0 for the source that is preferred")
    instruments = serializers.IntegerField()
    leads = serializers.IntegerField(help_text="Instruments whose quotes are this source's ticks now")
    takeovers = serializers.IntegerField(help_text="Times it took an instrument over from another source")
    started_at = InstantField()
    reported_at = InstantField()
    last_tick_at = InstantField(allow_null=True)
    lag_seconds = serializers.FloatField(allow_null=True, help_text="Median age of its latest ticks on arrival")
    resubscriptions = serializers.IntegerField(help_text="Times it was asked again because it was mute")
    reconnections = serializers.IntegerField()
    attempts = serializers.IntegerField(help_text="Attempts to wake it since it last spoke")
    next_attempt_at = InstantField(allow_null=True)
    ticks = serializers.IntegerField()
    rejected = serializers.DictField(child=serializers.IntegerField(), help_text="Counts by reason")
    recorded = serializers.IntegerField(help_text="Ticks written by the recorder")
    recorder_fault = serializers.CharField()


class FeedsSerializer(serializers.Serializer[object]):
    """All feeds, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = FeedSerializer(many=True)
