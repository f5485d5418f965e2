"""Planning and ending backfills; `history.filling` works them through."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.services import audit_record
from core.clock import wall_now
from core.errors import Conflict, InvalidInput, NotFound
from core.events import enqueue_on_commit

from ..models import Backfill, BackfillDay

MOST_DAYS = 50_000
Gap = tuple[int, date]
"""Instrument id and date."""


@transaction.atomic
def backfill_plan(
    *, gaps: Iterable[Gap], source: str, interval: Backfill.Interval, actor: Actor | None = None
) -> Backfill:
    """Write down what is to be filled, and ring for it; without an actor (the command line) the caller runs it.

    Raises InvalidInput for nothing to fill (`no_gaps`) or too much at once (`too_many_gaps`).
    """
    listed = sorted(set(gaps))
    if not listed:
        raise InvalidInput("Nothing is missing there.", code="no_gaps")
    if len(listed) > MOST_DAYS:
        raise InvalidInput(
            f"{len(listed)} days are more than {MOST_DAYS} at once: narrow the span.", code="too_many_gaps"
        )
    backfill: Backfill = Backfill.objects.create(
        source=source,
        interval=interval,
        first=min(day for _, day in listed),
        last=max(day for _, day in listed),
        total=len(listed),
        requested_by_id=actor.user_id if actor else None,
        requested_at=wall_now(),
    )
    BackfillDay.objects.bulk_create(
        (BackfillDay(backfill=backfill, instrument_id=instrument_id, date=day) for instrument_id, day in listed),
        batch_size=2_000,
    )
    if actor is not None:
        enqueue_on_commit("marketdata.backfill", backfill_id=str(backfill.pk))
        _audit(actor, "backfill.requested", backfill)
    return backfill


@transaction.atomic
def backfill_cancel(*, actor: Actor, backfill_id: UUID) -> Backfill:
    """End a backfill after the day it is at; what is filled stays. Raises NotFound, or Conflict once it is over."""
    backfill: Backfill | None = Backfill.objects.select_for_update().filter(pk=backfill_id).first()
    if backfill is None:
        raise NotFound("No such backfill.")
    if not backfill.is_live:
        raise Conflict(f"It is {backfill.get_status_display().lower()} already.", code="backfill_over")
    backfill.status, backfill.finished_at = Backfill.Status.CANCELLED, wall_now()
    backfill.save(update_fields=["status", "finished_at"])
    _audit(actor, "backfill.cancelled", backfill)
    return backfill


def _audit(actor: Actor, action: str, backfill: Backfill) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="backfill",
        object_id=backfill.pk,
        data={"source": backfill.source, "interval": backfill.interval, "days": backfill.total},
    )
