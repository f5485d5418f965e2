"""What a strategy has been told, and what it made of it, written together: after a crash it goes on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from core.money import to_paise
from trading.strategies.models import RunFill, RunMark, RunNoteKind, RunOrder, StrategyRun
from trading.strategies.services.runs.journal import notes_add
from trading.strategies.services.runs.rows import run_lock


@dataclass(frozen=True, slots=True)
class Standing:
    """What the run is worth, in rupees."""

    equity: Decimal
    net: Decimal
    net_day: Decimal
    open_positions: int


@dataclass(slots=True)
class Told:
    """One turn of a run: the trades and orders (up to which event) that were told, and lines for the journal."""

    state: Mapping[str, Any]
    standing: Standing
    bars_through: int
    fills: Sequence[UUID] = ()
    orders: Mapping[UUID, int] = field(default_factory=dict)
    notes: Sequence[tuple[RunNoteKind, str, datetime]] = ()
    mark_at: datetime | None = None


def told_save(*, run_id: UUID, epoch: int, told: Told) -> None:
    """Write a turn, whole or not at all. For the runner, in a system scope. Raises LeaseLost."""
    with transaction.atomic():
        run = run_lock(run_id, epoch=epoch)
        _fills_save(run, told.fills)
        _orders_save(run, told.orders)
        notes_add(run, list(told.notes))
        standing = told.standing
        run.remembered = dict(told.state)
        run.bars_through = told.bars_through
        run.net_paise, run.net_day_paise = to_paise(standing.net), to_paise(standing.net_day)
        run.open_positions = standing.open_positions
        run.save(
            update_fields=[
                "remembered",
                "bars_through",
                "net_paise",
                "net_day_paise",
                "open_positions",
                "fill_seq",
            ]
        )
        if told.mark_at is not None:
            RunMark.objects.update_or_create(
                run_id=run.id,
                at=told.mark_at,
                defaults={
                    "organisation_id": run.organisation_id,
                    "equity_paise": to_paise(standing.equity),
                    "net_paise": to_paise(standing.net),
                },
            )


def _fills_save(run: StrategyRun, fills: Sequence[UUID]) -> None:
    RunFill.objects.bulk_create(
        RunFill(organisation_id=run.organisation_id, run_id=run.id, fill_id=fill_id, seq=seq)
        for seq, fill_id in enumerate(fills, start=run.fill_seq + 1)
    )
    run.fill_seq += len(fills)


def _orders_save(run: StrategyRun, orders: Mapping[UUID, int]) -> None:
    RunOrder.objects.bulk_create(
        (
            RunOrder(organisation_id=run.organisation_id, run_id=run.id, order_id=order_id, told_seq=seq)
            for order_id, seq in orders.items()
        ),
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["told_seq"],
    )
