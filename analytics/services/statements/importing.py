"""Writing a statement: all of its rows, or nothing."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Manager

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from analytics.domain.statements import (
    NoteCharges,
    RowFault,
)
from analytics.models import Statement, StatementFault
from core.clock import IST, wall_now
from core.errors import InvalidInput, NotFound, PermissionDenied
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get

from .opening import Opened, Way, opened
from .rows import day_of, rows_of

_BATCH = 1_000
_TOLD_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """`is_new` is False where the account had the very file already: then nothing was written."""

    statement: Statement
    is_new: bool


def statement_import(
    *, actor: Actor, account_id: UUID, file_name: str, content: bytes, way: Way, leave_out_faults: bool = False
) -> Imported:
    """Read a file and keep its rows beside the account.

    A row that an earlier file told is counted, not kept again. A file with rows that cannot be read is refused
    unless `leave_out_faults`, which keeps the faults in their place.

    Raises:
        InvalidInput: as `opened`; `rows_faulty` with the rows; `statement_without_rows`; `day_in_future`.
        NotFound, PermissionDenied.
    """
    actor.require(Permission.IMPORT_STATEMENTS)
    account = account_get(actor, account_id)
    digest = hashlib.sha256(content).hexdigest()
    known = Statement.objects.for_actor(actor).filter(account=account, digest=digest).first()
    if known is not None:
        return Imported(known, is_new=False)
    read = opened(content, way)
    _check(read, leave_out_faults=leave_out_faults)
    with transaction.atomic():
        # Two imports of one account wait for each other, so that neither keeps what the other just told.
        TradingAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        known = Statement.objects.for_actor(actor).filter(account=account, digest=digest).first()
        if known is not None:
            return Imported(known, is_new=False)
        statement = _write(actor, account, read, digest=digest, file_name=file_name[-200:])
        audit_record(
            actor=actor,
            action="statement.imported",
            object_type="statement",
            object_id=statement.id,
            data={"account": str(account.id), "format": statement.format, "rows": statement.rows, "digest": digest},
        )
    return Imported(statement, is_new=True)


@transaction.atomic
def statement_delete(*, actor: Actor, statement_id: UUID) -> None:
    """Take a statement out with all of its rows. Raises NotFound, PermissionDenied."""
    actor.require(Permission.IMPORT_STATEMENTS)
    statement = Statement.objects.for_actor(actor).filter(id=statement_id).first()
    if statement is None:
        raise NotFound("There is no such statement.", code="unknown_statement")
    facts = {"account": str(statement.account_id), "format": statement.format, "digest": statement.digest}
    statement.delete()
    audit_record(
        actor=actor, action="statement.deleted", object_type="statement", object_id=statement_id, data=facts
    )


def _check(read: Opened, *, leave_out_faults: bool) -> None:
    faults, records = read.statement.faults, read.statement.records
    if faults and not leave_out_faults:
        lines = [f"Row {each.row}: {each.detail} ({each.code})" for each in faults[:_TOLD_FAULTS]]
        more = f" and {len(faults) - len(lines)} more" if len(faults) > len(lines) else ""
        raise InvalidInput(
            f"{len(faults)} rows cannot be read{more and f', {len(lines)} of them are listed'}. Nothing was kept.",
            code="rows_faulty",
            errors={"file": lines},
        )
    if not records:
        raise InvalidInput("The file tells nothing: its table is empty.", code="statement_without_rows")
    if max(_days(read)) > wall_now().astimezone(IST).date():
        raise InvalidInput("The file tells of days that are still to come.", code="day_in_future")


def _days(read: Opened) -> set[date]:
    return {day_of(each, read.day) for each in read.statement.records}


def _write(actor: Actor, account: TradingAccount, read: Opened, *, digest: str, file_name: str) -> Statement:
    if actor.user_id is None:
        raise PermissionDenied("Only a person imports statements.")
    days, told = _days(read), read.statement
    statement = Statement(
        organisation_id=account.organisation_id,
        account=account,
        kind=told.kind,
        format=told.format_key,
        file_name=file_name,
        digest=digest,
        first_day=min(days),
        last_day=max(days),
        rows=0,
        skipped=told.skipped,
        imported_by_id=actor.user_id,
        imported_at=wall_now(),
        **_charges(read.charges),
    )
    rows = rows_of(statement, told.records, read.day)
    manager: Manager[Any] = type(rows[0])._default_manager
    same = manager.filter(account=account, identity__in=[row.identity for row in rows])
    have = set(same.values_list("identity", flat=True))
    fresh = [row for row in rows if row.identity not in have]
    statement.rows, statement.repeated = len(fresh), len(rows) - len(fresh)
    statement.save(force_insert=True)
    manager.bulk_create(fresh, batch_size=_BATCH)
    StatementFault.objects.bulk_create(_faults(statement, told.faults))
    return statement


def _charges(charges: NoteCharges | None) -> dict[str, object]:
    if charges is None:
        return {}
    return {
        "brokerage": charges.brokerage,
        "exchange_charges": charges.exchange,
        "stt": charges.stt,
        "sebi": charges.sebi,
        "stamp": charges.stamp,
        "gst": charges.gst,
        "net": charges.net,
    }


def _faults(statement: Statement, faults: Iterable[RowFault]) -> list[StatementFault]:
    return [
        StatementFault(
            organisation_id=statement.organisation_id,
            statement=statement,
            row=each.row,
            code=each.code,
            detail=each.detail[:200],
        )
        for each in faults
    ]
