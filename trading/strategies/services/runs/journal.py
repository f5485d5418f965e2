"""Lines of a run's journal."""

from datetime import datetime

from core import clock
from trading.strategies.models import RunNote, RunNoteKind, StrategyRun

_LONGEST = 1000


def note_add(run: StrategyRun, kind: RunNoteKind, message: str, *, at: datetime | None = None) -> None:
    """One line, inside the transaction of what it tells of. The caller holds the run's row or has just made it."""
    notes_add(run, [(kind, message, at or clock.now())])


def notes_add(run: StrategyRun, lines: list[tuple[RunNoteKind, str, datetime]]) -> None:
    """Several lines in their order. The caller holds the run's row."""
    if not lines:
        return
    first = run.note_seq + 1
    RunNote.objects.bulk_create(
        RunNote(
            organisation_id=run.organisation_id,
            run_id=run.id,
            seq=seq,
            kind=kind,
            message=message[:_LONGEST],
            at=at,
        )
        for seq, (kind, message, at) in enumerate(lines, start=first)
    )
    run.note_seq += len(lines)
    StrategyRun.objects.filter(id=run.id).update(note_seq=run.note_seq)
