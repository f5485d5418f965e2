"""Gaps, backfills, imports and daily bars in the API."""

from datetime import date, timedelta
from typing import Any

from rest_framework import serializers

from core import clock
from core.api.fields import InstantField, PriceField
from trading.instruments.domain.sessions import Segment

from ..domain.coverage import DayState
from ..models import Backfill, BackfillDay, DailyBar, FileImport
from ..selectors import InstrumentCoverage, StorageState
from ..selectors.gaps import LONGEST_SPAN

_USUAL_SPAN = timedelta(days=30)
MOST_SYMBOLS = 500


class SpanOfDays(serializers.Serializer[dict[str, Any]]):
    """Trading days from `from` to `to`, both included; the last thirty days unless said otherwise."""

    to = serializers.DateField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With `from`, which Python does not allow as an attribute."""
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A span has its first day before its last, and is bounded."""
        last: date = attrs.get("to") or clock.trading_date() - timedelta(days=1)
        first: date = attrs.get("from") or last - _USUAL_SPAN
        if not timedelta(0) <= last - first <= LONGEST_SPAN:
            raise serializers.ValidationError({"from": ["Must not be after `to`, nor more than a year before it."]})
        return {**attrs, "from": first, "to": last}


class GapsQuery(SpanOfDays):
    """Where gaps are looked for."""

    interval = serializers.ChoiceField(choices=Backfill.Interval.values, default=Backfill.Interval.MINUTE.value)
    segment = serializers.ChoiceField(choices=[each.value for each in Segment], required=False)
    symbol = serializers.CharField(max_length=50, required=False)


class GapSerializer(serializers.Serializer[object]):
    """A trading day whose candles are missing or too few."""

    date = serializers.DateField()
    state = serializers.ChoiceField(choices=[DayState.PARTIAL.value, DayState.MISSING.value])
    expected = serializers.IntegerField(help_text="minutes of the session")
    stored = serializers.IntegerField(help_text="minutes that are stored")


class InstrumentGapsSerializer(serializers.Serializer[object]):
    """An instrument with the days that could be filled."""

    symbol = serializers.CharField()
    segment = serializers.CharField()
    gaps = GapSerializer(many=True)


class GapsSerializer(serializers.Serializer[object]):
    """Gaps of a span."""

    interval = serializers.CharField()
    trading_days = serializers.IntegerField()
    instruments = serializers.IntegerField(help_text="how many were looked at")
    results = InstrumentGapsSerializer(many=True)


def gaps_shape(row: InstrumentCoverage) -> dict[str, Any]:
    """One instrument's gaps."""
    return {
        "symbol": row.instrument.key,
        "segment": row.segment,
        "gaps": [
            {"date": gap.date, "state": gap.state, "expected": gap.expected, "stored": gap.stored}
            for gap in row.gaps
        ],
    }


class BackfillInput(SpanOfDays):
    """What is to be filled: the gaps of these symbols, or of all instruments that have candles."""

    interval = serializers.ChoiceField(choices=Backfill.Interval.values, default=Backfill.Interval.MINUTE.value)
    segment = serializers.ChoiceField(choices=[each.value for each in Segment], required=False)
    symbols = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, min_length=1, max_length=MOST_SYMBOLS
    )
    source = serializers.CharField(max_length=20, required=False)  # type: ignore[assignment]


class BackfillSerializer(serializers.Serializer[Any]):
    """A backfill and how far it is."""

    id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]
    interval = serializers.CharField()
    status = serializers.ChoiceField(choices=Backfill.Status.values)
    first = serializers.DateField()
    last = serializers.DateField()
    total = serializers.IntegerField(help_text="instruments' days on the list")
    done = serializers.IntegerField()
    percent = serializers.IntegerField()
    rows_written = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    requested_at = InstantField()
    finished_at = InstantField(allow_null=True)


class BackfillDetailSerializer(BackfillSerializer):
    """The same, with how its days came out."""

    outcomes = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"days by outcome: {', '.join(BackfillDay.Outcome.values)}"
    )


class ImportSerializer(serializers.Serializer[Any]):
    """A finished import of a file."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=FileImport.Kind.values)
    filename = serializers.CharField()
    format = serializers.CharField()
    finished_at = InstantField()
    rows_read = serializers.IntegerField()
    inserted = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    skipped = serializers.IntegerField()
    outside_session = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.IntegerField()


class DailyBarSerializer(serializers.Serializer[Any]):
    """A trading day of an instrument, unadjusted, and who told its prices."""

    date = serializers.DateField()
    source = serializers.SerializerMethodField(help_text="bhavcopy, history or roll_up")  # type: ignore[assignment]
    open = PriceField()
    high = PriceField()
    low = PriceField()
    close = PriceField()
    previous_close = PriceField(allow_null=True)
    volume = serializers.IntegerField()
    oi = serializers.IntegerField()
    turnover = PriceField(allow_null=True, max_digits=20, help_text="rupees")
    trades = serializers.IntegerField(allow_null=True)
    delivered = serializers.IntegerField(allow_null=True)
    minutes = serializers.IntegerField(help_text="one-minute candles that are stored of the day")

    def get_source(self, bar: DailyBar) -> str:
        """The source's name in small letters."""
        return DailyBar.Source(bar.source).name.lower()


class PartitionSerializer(serializers.Serializer[object]):
    """One partition, or the whole table where it has none."""

    name = serializers.CharField()
    month = serializers.CharField(allow_null=True, help_text="as 2026_11; null for what fits no month")
    rows = serializers.IntegerField(help_text="the planner's estimate; -1 before its first")
    size = serializers.IntegerField(help_text="bytes, with the index")


class TableSerializer(serializers.Serializer[object]):
    """How a table of minutes lies in the database."""

    table = serializers.CharField(help_text="marketdata_candle or marketdata_optionminute")
    kept_months = serializers.IntegerField(help_text="whole months before the current one; 0 keeps all")
    kind = serializers.ChoiceField(choices=["plain", "partitioned", "hypertable"])
    rows = serializers.IntegerField()
    size = serializers.IntegerField()
    stray_rows = serializers.IntegerField(help_text="rows that fit no month's partition")
    months_ahead = serializers.IntegerField()
    partitions = PartitionSerializer(many=True)


class StorageSerializer(serializers.Serializer[object]):
    """Where minutes and recordings are kept, and for how long."""

    tables = TableSerializer(many=True)
    recordings_kept_days = serializers.IntegerField(help_text="of `run_feed --record`; 0 keeps all")


def storage_shape(state: StorageState) -> dict[str, object]:
    """A table of minutes as `TableSerializer` says."""
    return {
        "table": state.table.name,
        "kept_months": state.table.kept_months,
        "kind": state.kind,
        "rows": state.rows,
        "size": state.size,
        "stray_rows": state.stray_rows,
        "months_ahead": state.months_ahead(clock.now()),
        "partitions": [
            {
                "name": each.name,
                "month": str(each.month) if each.month else None,
                "rows": each.rows,
                "size": each.size,
            }
            for each in state.partitions
        ],
    }
