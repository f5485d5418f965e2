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
    instruments: int
    started_at: datetime
    reported_at: datetime
    last_tick_at: datetime | None
    ticks: int
    rejected: dict[str, int]

    @classmethod
    def of(cls, status: FeedStatus, state: FeedState) -> "FeedShape":
        """A feed's report, with its state as seen now."""
        return cls(
            source=status.source,
            state=state,
            detail=status.detail,
            instruments=status.instruments,
            started_at=status.started_at,
            reported_at=status.reported_at,
            last_tick_at=status.last_tick_at,
            ticks=status.ticks,
            rejected=status.rejected,
        )


class FeedSerializer(serializers.Serializer[FeedShape]):
    """Schema of `FeedShape`."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF gives fields an attribute of this name
    state = serializers.ChoiceField(choices=[each.value for each in FeedState])
    detail = serializers.CharField()
    instruments = serializers.IntegerField()
    started_at = InstantField()
    reported_at = InstantField()
    last_tick_at = InstantField(allow_null=True)
    ticks = serializers.IntegerField()
    rejected = serializers.DictField(child=serializers.IntegerField())


class FeedsSerializer(serializers.Serializer[object]):
    """All feeds, on one page."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = FeedSerializer(many=True)
