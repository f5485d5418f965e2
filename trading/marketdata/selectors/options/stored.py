"""What was stored of a chain's contracts minute by minute beside their candles, and by imports of chains."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from ...domain.bars import scale_price, unscale_price
from ...models import OptionMinute
from ...models.option import FROM_FEED


class StoredMinute(NamedTuple):
    """A contract at the end of a minute, as `models.OptionMinute` has it."""

    instrument_id: int
    at: datetime
    ltp: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    bid_quantity: int
    ask_quantity: int
    volume: int
    oi: int
    previous_oi: int | None
    spot: Decimal | None
    source: str

    @property
    def is_from_feed(self) -> bool:
        """Whether it was kept as it happened, beside the candles; else it was imported."""
        return self.source == FROM_FEED


class StoredMinutes:
    """Minutes of several contracts, each contract's ascending."""

    def __init__(self, rows: Sequence[StoredMinute]) -> None:
        self._rows: dict[int, list[StoredMinute]] = {}
        for row in rows:
            self._rows.setdefault(row.instrument_id, []).append(row)

    def until(self, moment: datetime) -> Mapping[int, StoredMinute]:
        """By instrument, the last minute that was over at a moment."""
        found = {}
        for instrument_id, rows in self._rows.items():
            place = bisect_right(rows, moment, key=lambda row: row.at)
            if place:
                found[instrument_id] = rows[place - 1]
        return found


def minutes_between(ids: Sequence[int], since: datetime, until: datetime) -> StoredMinutes:
    """All that is stored in [since, until]."""
    return StoredMinutes(_read(_span(ids, since, until).order_by("instrument_id", "at")))


def last_minutes(ids: Sequence[int], since: datetime, until: datetime) -> StoredMinutes:
    """The last that is stored of each instrument in [since, until]."""
    own = OptionMinute.objects.filter(instrument_id=OuterRef("instrument_id"), at__gte=since, at__lte=until)
    latest = own.order_by().values("instrument_id").annotate(latest=Max("at")).values("latest")
    return StoredMinutes(_read(_span(ids, since, until).annotate(latest=Subquery(latest)).filter(at=F("latest"))))


def _span(ids: Sequence[int], since: datetime, until: datetime) -> QuerySet[OptionMinute]:
    return OptionMinute.objects.filter(instrument_id__in=ids, at__gte=since, at__lte=until)


def _read(rows: QuerySet[OptionMinute]) -> list[StoredMinute]:
    return [StoredMinute(*(_plain(value) for value in row)) for row in rows.values_list(*StoredMinute._fields)]


def _plain(value: Any) -> Any:
    """A price without the zeros that the column adds."""
    return unscale_price(scale_price(value)) if isinstance(value, Decimal) else value
