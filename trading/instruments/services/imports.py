"""Importing an instrument master: all of it or nothing, and a second time without effect."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from core.clock import wall_now
from core.errors import InvalidInput

from ..domain.keys import Exchange
from ..domain.tokens import TokenSpan, token_assigned
from ..masters import Listing, MalformedMaster, Rejection, RejectionReason, read_master
from ..models import DERIVATIVE_TYPES, BrokerToken, ImportRun, Instrument, RejectedRow, Source
from ..process_cache import forget_reference_data_on_commit

BATCH = 5000
_DEFAULT_TICK = Decimal("0.05")
_ATTRIBUTES = (
    "name",
    "instrument_type",
    "underlying",
    "expiry",
    "strike",
    "lot_size",
    "tick_size",
    "freeze_quantity",
    "isin",
)
_CASH_MARKET_OF = {Exchange.NFO: Exchange.NSE, Exchange.BFO: Exchange.BSE}

Progress = Callable[[int], None]


@dataclass
class _Tally:
    """What has happened so far in one run."""

    seen_keys: set[str] = field(default_factory=set)
    seen_tokens: set[str] = field(default_factory=set)
    underlyings: dict[Exchange, set[str]] = field(default_factory=lambda: defaultdict(set))
    rejections: list[Rejection] = field(default_factory=list)
    rows_read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    tokens_opened: int = 0
    tokens_closed: int = 0


@transaction.atomic
def instruments_import(
    *, path: Path, source: Source, master_date: date, progress: Progress | None = None
) -> ImportRun:
    """Import a master published on `master_date`; returns the stored run with its rejected rows.

    `progress` is told the bytes read of the file so far. A master older than the newest one of its source
    adds instruments and tokens but overwrites nothing. Raises InvalidInput (``malformed_file``) when the file
    cannot be read to its end: then nothing of it remains.
    """
    started_at = wall_now()
    newest = ImportRun.objects.filter(source=source).order_by("-master_date").first()
    overwrite = newest is None or newest.master_date <= master_date
    tally = _Tally()
    try:
        with path.open("rb") as raw:
            digest = hashlib.file_digest(raw, "sha256").hexdigest()
            raw.seek(0)
            for batch in _batches(read_master(source, raw, master_date)):
                _import_batch(batch, tally, source=source, on=master_date, overwrite=overwrite)
                if progress:
                    progress(raw.tell())
    except MalformedMaster as error:
        raise InvalidInput(str(error), code="malformed_file") from error
    if overwrite:
        _mark_underlyings(tally.underlyings)
    run = _store_run(tally, path=path, source=source, digest=digest, on=master_date, started_at=started_at)
    forget_reference_data_on_commit()
    return run


def _batches(rows: Iterable[Listing | Rejection]) -> Iterator[list[Listing | Rejection]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _import_batch(
    batch: Sequence[Listing | Rejection], tally: _Tally, *, source: Source, on: date, overwrite: bool
) -> None:
    tally.rows_read += len(batch)
    listings = [row for row in batch if isinstance(row, Listing) and _is_new_in_file(row, tally)]
    tally.rejections.extend(row for row in batch if isinstance(row, Rejection))
    known = Instrument.objects.in_bulk([str(row.key) for row in listings], field_name="key")
    changed = []
    for row in listings:
        instrument = known.get(str(row.key))
        if instrument is None:
            tally.created += 1
            changed.append(_new_instrument(row))
        elif overwrite and _apply(row, instrument):
            tally.updated += 1
            changed.append(instrument)
        else:
            tally.unchanged += 1
    _write(changed)
    ids = dict(Instrument.objects.filter(key__in=[str(row.key) for row in listings]).values_list("key", "id"))
    _assign_tokens({row.token: ids[str(row.key)] for row in listings if row.token}, tally, source=source, on=on)


def _is_new_in_file(row: Listing, tally: _Tally) -> bool:
    key = str(row.key)
    reason = None
    if key in tally.seen_keys:
        reason, detail = RejectionReason.DUPLICATE_KEY, key
    elif row.token and row.token in tally.seen_tokens:
        reason, detail = RejectionReason.DUPLICATE_TOKEN, row.token
    if reason is not None:
        tally.rejections.append(Rejection(row.row_number, reason, detail))
        return False
    tally.seen_keys.add(key)
    if row.token:
        tally.seen_tokens.add(row.token)
    if row.underlying:
        tally.underlyings[row.key.exchange].add(row.underlying)
    return True


def _new_instrument(row: Listing) -> Instrument:
    instrument = Instrument(
        key=str(row.key), exchange=row.key.exchange, symbol=row.key.symbol, tick_size=_DEFAULT_TICK
    )
    _apply(row, instrument)
    return instrument


def _apply(row: Listing, instrument: Instrument) -> bool:
    """Take over what the source says; whether anything changed."""
    changed = False
    for attribute in _ATTRIBUTES:
        value = getattr(row, attribute)
        is_said = value is not None or attribute in ("expiry", "strike")
        if is_said and getattr(instrument, attribute) != value:
            setattr(instrument, attribute, value)
            changed = True
    return changed


def _write(instruments: Sequence[Instrument]) -> None:
    stamp = timezone.now()
    for instrument in instruments:
        instrument.updated_at = stamp
    new = [instrument for instrument in instruments if instrument.pk is None]
    changed = [instrument for instrument in instruments if instrument.pk is not None]
    Instrument.objects.bulk_create(new)
    Instrument.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["key"], update_fields=[*_ATTRIBUTES, "updated_at"]
    )


def _assign_tokens(instrument_ids: dict[str, int], tally: _Tally, *, source: Source, on: date) -> None:
    """Write the spans that today's meaning of each token changes."""
    stored: dict[str, list[BrokerToken]] = defaultdict(list)
    for row in BrokerToken.objects.filter(source=source, token__in=instrument_ids).order_by("valid_from"):
        stored[row.token].append(row)
    obsolete: list[int] = []
    fresh: list[BrokerToken] = []
    for token, instrument_id in instrument_ids.items():
        rows = stored.get(token, [])
        before = [TokenSpan(row.instrument_id, row.valid_from, row.valid_to) for row in rows]
        after = token_assigned(before, instrument_id, on)
        obsolete += [row.pk for row, span in zip(rows, before, strict=True) if span not in after]
        fresh += [
            BrokerToken(
                source=source,
                token=token,
                instrument_id=span.instrument_id,
                valid_from=span.valid_from,
                valid_to=span.valid_to,
            )
            for span in after
            if span not in before
        ]
        tally.tokens_opened += sum(span.valid_to is None and span not in before for span in after)
        tally.tokens_closed += sum(span.valid_to is not None and span not in before for span in after)
    BrokerToken.objects.filter(pk__in=obsolete).delete()
    BrokerToken.objects.bulk_create(fresh)


def _mark_underlyings(underlyings: dict[Exchange, set[str]]) -> None:
    """An instrument has derivatives as long as its exchange's newest master lists contracts on it."""
    for exchange, cash_market in _CASH_MARKET_OF.items():
        if symbols := underlyings.get(exchange):
            listed = Instrument.objects.filter(exchange=cash_market).exclude(instrument_type__in=DERIVATIVE_TYPES)
            listed.filter(symbol__in=symbols, has_derivatives=False).update(has_derivatives=True)
            listed.filter(has_derivatives=True).exclude(symbol__in=symbols).update(has_derivatives=False)


def _store_run(
    tally: _Tally, *, path: Path, source: Source, digest: str, on: date, started_at: datetime
) -> ImportRun:
    run = ImportRun.objects.create(
        source=source,
        filename=path.name[:200],
        sha256=digest,
        master_date=on,
        started_at=started_at,
        finished_at=wall_now(),
        rows_read=tally.rows_read,
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        rejected=len(tally.rejections),
        tokens_opened=tally.tokens_opened,
        tokens_closed=tally.tokens_closed,
    )
    RejectedRow.objects.bulk_create(
        [
            RejectedRow(run=run, row_number=row.row_number, reason=row.reason, detail=row.detail[:300])
            for row in sorted(tally.rejections, key=lambda row: row.row_number)
        ],
        batch_size=BATCH,
    )
    return run
