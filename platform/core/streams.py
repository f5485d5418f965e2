"""Ordered events for sockets: gapless per stream, written with the change they tell of, announced on commit.

A client holds (epoch, seq). After a drop it asks for what came later; a gap or another epoch makes it refetch.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from core.clock import wall_now
from core.db import writes
from core.events import publish_on_commit
from core.ids import new_id
from core.models import StreamEvent, StreamHead

CHANNEL = "streams"
RESUME_LIMIT = 1000
# Longer than a client sleeps over a weekend.
KEPT = timedelta(days=3)
_TRIM_BATCH = 5000

Events = Sequence[tuple[str, Mapping[str, Any]]]


class StreamMessage(msgspec.Struct, frozen=True):
    """An event on its way to sockets; also what the bus carries (msgpack)."""

    stream: str
    epoch: str
    seq: int
    name: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a stream stands, or where a client stopped reading."""

    epoch: str
    seq: int


# One statement, so that two writers never read the same number; SQLite speaks the same dialect.
_ADVANCE = """
INSERT INTO core_streamhead (stream, epoch, seq, organisation_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (stream) DO UPDATE SET seq = core_streamhead.seq + excluded.seq
RETURNING epoch, seq
"""
# Every change of an order tells several streams: PostgreSQL numbers and stores in one round trip.
_ADVANCE_AND_STORE = f"""
WITH head AS ({_ADVANCE}), stored AS (
    INSERT INTO core_streamevent (organisation_id, stream, seq, name, data, at)
    SELECT %s, %s, head.seq - %s + event.place, event.name, event.data, %s
    FROM head,
        ROWS FROM (jsonb_to_recordset(%s) AS (name text, data jsonb)) WITH ORDINALITY AS event (name, data, place)
)
SELECT epoch, seq FROM head
"""


def append(stream: str, name: str, data: Mapping[str, Any], *, organisation_id: UUID) -> None:
    """Add one event to a stream inside the caller's transaction. `data` holds JSON values only."""
    append_many(stream, [(name, data)], organisation_id=organisation_id)


def append_many(stream: str, events: Events, *, organisation_id: UUID) -> None:
    """Add events in order, in one statement (on SQLite two) however many. Must run inside a transaction."""
    if not events:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a stream event belongs to the transaction of the change that it tells of")
    if connection.vendor == "postgresql":
        _store_at_once(stream, events, organisation_id)
    else:
        _store(stream, events, organisation_id)


def _store_at_once(stream: str, events: Events, organisation_id: UUID) -> None:
    """Number and store the events in one statement."""
    documents = json.dumps([{"name": name, "data": data} for name, data in events])
    writes.run(
        _ADVANCE_AND_STORE,
        [
            *(stream, new_id(), len(events), organisation_id),
            *(organisation_id, stream, len(events), wall_now(), documents),
        ],
        then=lambda rows: _announce(stream, events, *rows[0]),
    )


def _store(stream: str, events: Events, organisation_id: UUID) -> None:
    """The same in two statements, for a database that does not write inside WITH."""
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [stream, new_id().hex, len(events), organisation_id.hex])
        epoch, last = cursor.fetchone()
    StreamEvent.objects.bulk_create(
        StreamEvent(organisation_id=organisation_id, stream=stream, seq=seq, name=name, data=data)
        for seq, (name, data) in enumerate(events, start=last - len(events) + 1)
    )
    _announce(stream, events, UUID(epoch), last)


def _announce(stream: str, events: Events, epoch: UUID, last: int) -> None:
    for seq, (name, data) in enumerate(events, start=last - len(events) + 1):
        message = StreamMessage(stream=stream, epoch=str(epoch), seq=seq, name=name, data=dict(data))
        publish_on_commit(CHANNEL, msgspec.msgpack.encode(message))


def head(stream: str) -> Position | None:
    """Where the stream stands; None when nothing was ever written to it."""
    found = StreamHead.objects.filter(stream=stream).values_list("epoch", "seq").first()
    return Position(epoch=str(found[0]), seq=found[1]) if found else None


def read_after(stream: str, position: Position) -> list[StreamMessage] | None:
    """Events later than `position`, in order; None when they cannot all be had, so the client must refetch."""
    now = head(stream)
    if now is None or now.epoch != position.epoch or not 0 <= now.seq - position.seq <= RESUME_LIMIT:
        return None
    rows = StreamEvent.objects.filter(stream=stream, seq__gt=position.seq).order_by("seq")
    messages = [
        StreamMessage(stream=stream, epoch=now.epoch, seq=seq, name=name, data=data)
        for seq, name, data in rows.values_list("seq", "name", "data")
    ]
    complete = [m.seq for m in messages] == list(range(position.seq + 1, position.seq + 1 + len(messages)))
    return messages if complete and len(messages) >= now.seq - position.seq else None


def trim(*, older_than: timedelta = KEPT) -> int:
    """Delete events older than that, of every tenant in scope; returns how many.

    A client that comes back later refetches. In batches, each its own transaction, so that writers never wait long.
    """
    before = wall_now() - older_than
    trimmed = 0
    while True:
        batch = list(
            StreamEvent.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:_TRIM_BATCH]
        )
        trimmed += StreamEvent.objects.filter(pk__in=batch).delete()[0]
        if len(batch) < _TRIM_BATCH:
            return trimmed
