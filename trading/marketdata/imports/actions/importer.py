"""From a file of announcements to corporate actions: what is not understood is kept and listed, never guessed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from django.db import transaction

from core import clock
from trading.instruments.models import ActionNotice, CorporateAction, Instrument
from trading.instruments.selectors import instruments_by_key
from trading.marketdata.models import FileImport
from trading.marketdata.services import WriteCounts

from ..files import ImportReport, Progress, Reject, import_record
from .purpose import Meaning, Purpose, purpose_read
from .reader import ActionFault, ActionFile, Announced, action_file_read

HISTORY_AFTER = timedelta(days=14)
"""Ex-dates longer ago shape adjusted prices only: whoever held the share then does not hold it here."""

_READ_ANEW = ("instrument_id", "reading", "terms")
"""What a later import may know better of the same words."""

Kind = CorporateAction.Kind
_NoticeKey = tuple[str, date, str]
_ActionKey = tuple[int, Kind, date]


@dataclass(frozen=True, slots=True)
class _Read:
    """An announcement with what was understood of it."""

    announced: Announced
    purpose: Purpose
    instrument: Instrument | None

    @property
    def key(self) -> _NoticeKey:
        return (self.announced.symbol, self.announced.ex_date, self.announced.purpose)


def corporate_actions_import(path: Path, *, progress: Progress | None = None) -> ImportReport:
    """Import one file of announcements.

    Each becomes a notice. A split, bonus or dividend of a share that the master knows becomes a corporate action as
    well, unless one with other terms is stored: that row is rejected, and the stored action stays. Interest and
    redemptions are skipped. Raises FileBroken, and then nothing is stored. A second import changes nothing.
    """
    file = action_file_read(path, progress=progress)
    known = instruments_by_key({f"NSE:{each.symbol}" for each in file.announced})
    rejects, skipped = _undated(file)
    listed: dict[_NoticeKey, _Read] = {}
    duplicates = 0
    for announced in file.announced:
        purpose = purpose_read(announced.purpose, face_value=announced.face_value)
        read = _Read(announced, purpose, known.get(f"NSE:{announced.symbol}"))
        if purpose.meaning is Meaning.DEBT:
            skipped += 1
        elif read.key in listed:
            duplicates += 1
        else:
            listed[read.key] = read
    with transaction.atomic():
        refused = _write_actions(listed.values())
        kept = [read for read in listed.values() if read.key not in {each.key for each, _ in refused}]
        counts = _write_notices(kept)
        rejects += [Reject(read.announced.row, fault, read.announced.purpose) for read, fault in refused]
        report = ImportReport(
            FileImport.Kind.CORPORATE_ACTIONS,
            file.format.name,
            rows_read=file.rows_read,
            counts=counts,
            rejects=tuple(sorted(rejects, key=lambda reject: reject.row)),
            skipped=skipped,
            duplicates=duplicates,
        )
        import_record(path, report)
    return report


def _undated(file: ActionFile) -> tuple[list[Reject], int]:
    """The file's rejects, with rows of shares that lack their ex-date; and how many bonds lack theirs."""
    rejects = list(file.rejects)
    for number, purpose in file.undated:
        if purpose_read(purpose).meaning is not Meaning.DEBT:
            rejects.append(Reject(number, ActionFault.BAD_DATE, purpose))
    return rejects, len(file.rejects) + len(file.undated) - len(rejects)


def _write_notices(reads: Iterable[_Read]) -> WriteCounts:
    wanted = {read.key: read for read in reads}
    days = {ex_date for _, ex_date, _ in wanted}
    stored = {(row.symbol, row.ex_date, row.purpose): row for row in ActionNotice.objects.filter(ex_date__in=days)}
    fresh = [_notice(read) for key, read in wanted.items() if key not in stored]
    ActionNotice.objects.bulk_create(fresh)
    updated = 0
    for key, read in wanted.items():
        row, now = stored.get(key), _notice(read)
        if row is not None and any(getattr(row, name) != getattr(now, name) for name in _READ_ANEW):
            for name in _READ_ANEW:
                setattr(row, name, getattr(now, name))
            row.save()
            updated += 1
    return WriteCounts(len(wanted), len(fresh), updated)


def _notice(read: _Read) -> ActionNotice:
    return ActionNotice(
        instrument=read.instrument,
        symbol=read.announced.symbol,
        company=read.announced.company,
        ex_date=read.announced.ex_date,
        record_date=read.announced.record_date,
        purpose=read.announced.purpose,
        reading=ActionNotice.Reading(read.purpose.meaning),
        terms=read.purpose.terms[:200],
    )


def _write_actions(reads: Iterable[_Read]) -> list[tuple[_Read, ActionFault]]:
    """Create what is new; returns the rows that contradict each other or what is stored."""
    told: dict[_ActionKey, list[tuple[_Read, Fraction | Decimal]]] = {}
    for read in reads:
        if read.instrument is None or read.purpose.meaning is not Meaning.ACTION:
            continue
        for kind, terms in _terms(read.purpose):
            told.setdefault((read.instrument.pk, kind, read.announced.ex_date), []).append((read, terms))
    stored = {
        (row.instrument_id, Kind(row.kind), row.ex_date): row
        for row in CorporateAction.objects.filter(ex_date__in={on for _, _, on in told})
    }
    refused: list[tuple[_Read, ActionFault]] = []
    fresh = []
    for key, rows in told.items():
        action = _action(key, rows)
        if action is None:
            refused += [(read, ActionFault.CONFLICTING_ROW) for read, _ in rows]
        elif key not in stored:
            fresh.append(action)
        elif not _same(action, stored[key]):
            refused += [(read, ActionFault.CONFLICTS_WITH_STORED) for read, _ in rows]
    unhappy = {read.key for read, _ in refused}
    CorporateAction.objects.bulk_create(
        action for action in fresh if not unhappy & {read.key for read, _ in told[_key_of(action)]}
    )
    return list({read.key: (read, fault) for read, fault in refused}.values())


def _terms(purpose: Purpose) -> list[tuple[Kind, Fraction | Decimal]]:
    terms = [(Kind.SPLIT, purpose.split), (Kind.BONUS, purpose.bonus), (Kind.DIVIDEND, purpose.dividend)]
    return [(kind, value) for kind, value in terms if value is not None]


def _key_of(action: CorporateAction) -> _ActionKey:
    return (action.instrument_id, Kind(action.kind), action.ex_date)


def _action(key: _ActionKey, rows: list[tuple[_Read, Fraction | Decimal]]) -> CorporateAction | None:
    """The action that several rows tell together: dividends of one day add up, ratios must agree."""
    instrument_id, kind, ex_date = key
    action = CorporateAction(
        instrument_id=instrument_id,
        kind=kind,
        ex_date=ex_date,
        note="; ".join(read.announced.purpose for read, _ in rows)[:200],
        applied_at=clock.now() if ex_date < clock.trading_date() - HISTORY_AFTER else None,
    )
    if kind is Kind.DIVIDEND:
        action.amount = sum((Decimal(str(value)) for _, value in rows), Decimal(0))
        return action
    ratios = {Fraction(value) for _, value in rows}
    if len(ratios) > 1:
        return None
    (ratio,) = ratios
    action.ratio_held, action.ratio_after = ratio.denominator, ratio.numerator
    return action


def _same(one: CorporateAction, other: CorporateAction) -> bool:
    if one.kind == Kind.DIVIDEND:
        return one.amount == other.amount
    # Entered by hand, 2 into 4 is as good as 1 into 2.
    return Fraction(one.ratio_after or 1, one.ratio_held or 1) == Fraction(
        other.ratio_after or 1, other.ratio_held or 1
    )
