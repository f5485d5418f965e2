"""Changing what a run is held to: its capital, its limits, how long its signals last."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core.errors import Conflict, InvalidInput
from core.money import format_inr, to_paise
from notifications.models import NotificationKind
from trading.strategies.domain.runs.limits import RunLimits, loosened
from trading.strategies.models import RunNoteKind, StrategyRun
from trading.strategies.services.runs.bounds import bounds_check
from trading.strategies.services.runs.journal import note_add
from trading.strategies.services.runs.moves import run_ring
from trading.strategies.services.runs.notices import owner_notify
from trading.strategies.services.runs.rows import run_lock_for

_TITLES = {
    "capital": "capital",
    "signal_seconds": "a signal lasts",
    "max_loss": "loss of the run",
    "max_loss_day": "loss of a day",
    "max_orders_day": "orders a day",
    "max_open_positions": "open positions",
    "approval_band": "approval band",
}
_MONEY = frozenset({"capital", "max_loss", "max_loss_day"})


class RunChanges(TypedDict, total=False):
    """What is to change; what is left out stays. Money in rupees, the band in per cent; None takes a limit away."""

    capital: Decimal
    signal_seconds: int
    max_loss: Decimal | None
    max_loss_day: Decimal | None
    max_orders_day: int | None
    max_open_positions: int | None
    approval_band: Decimal | None


@dataclass(frozen=True, slots=True)
class _Held:
    """What a run is held to, whole."""

    capital: Decimal
    signal_seconds: int
    limits: RunLimits

    def named(self) -> dict[str, Any]:
        limits = {each.name: getattr(self.limits, each.name) for each in fields(RunLimits)}
        return {"capital": self.capital, "signal_seconds": self.signal_seconds, **limits}


@transaction.atomic
def run_limits_change(*, actor: Actor, run_id: UUID, changes: RunChanges, may_loosen: bool = False) -> StrategyRun:
    """Hold a run to something else from its next decision on, whatever state it is in. Needs RUN_STRATEGIES.

    What would allow more than before also needs PLACE_ORDERS, as a start does, and `may_loosen`, said on purpose;
    owner and starter are told of it. The house's own limits are asked at each order as ever: nothing here reaches
    them. Signals that wait are judged again when they are approved; a loss limit that is reached already acts at
    once. Raises NotFound, InvalidInput as `bounds_check` does or `nothing_to_change`, Conflict
    (`loosening_unconfirmed`) with the fields that allow more.
    """
    actor.require(Permission.RUN_STRATEGIES)
    if not changes:
        raise InvalidInput("Name what is to change.", code="nothing_to_change")
    run = run_lock_for(actor, run_id)
    before = _Held(run.capital, run.signal_seconds, run.limits)
    named: dict[str, Any] = {**before.named(), **changes}
    after = _Held(named.pop("capital"), named.pop("signal_seconds"), RunLimits(**named))
    bounds_check(capital=after.capital, limits=after.limits, signal_seconds=after.signal_seconds)
    looser = _looser(before, after)
    if looser:
        actor.require(Permission.PLACE_ORDERS)
        if not may_loosen:
            raise _unconfirmed(looser)
    if after != before:
        _write(run, after)
        _tell(run, actor, before, after, looser)
    return run


def _looser(before: _Held, after: _Held) -> tuple[str, ...]:
    capital = ("capital",) if after.capital > before.capital else ()
    return capital + loosened(before.limits, after.limits)


def _unconfirmed(looser: tuple[str, ...]) -> Conflict:
    titles = ", ".join(_TITLES[name] for name in looser)
    return Conflict(
        f"It would allow more than before: {titles}. Say so on purpose.",
        code="loosening_unconfirmed",
        errors={
            name if name == "capital" else f"limits.{name}": ["This allows more than before."] for name in looser
        },
    )


def _write(run: StrategyRun, held: _Held) -> None:
    columns = {
        "capital_paise": to_paise(held.capital),
        "signal_seconds": held.signal_seconds,
        **limit_columns(held.limits),
    }
    for name, value in columns.items():
        setattr(run, name, value)
    run.save(update_fields=list(columns))


def _tell(run: StrategyRun, actor: Actor, before: _Held, after: _Held, looser: tuple[str, ...]) -> None:
    """Journal, notice, bell, and last the audit trail: it locks the head of the chain."""
    old, new = before.named(), after.named()
    changed = [name for name in old if old[name] != new[name]]
    said = ", ".join(f"{_TITLES[name]} {_text(name, old[name])} → {_text(name, new[name])}" for name in changed)
    note_add(run, RunNoteKind.LIMIT, f"Changed by {actor.label}: {said}.")
    if looser:
        owner_notify(
            run, NotificationKind.RISK, title=f"{run.name}: limits loosened", body=f"{actor.label}: {said}"
        )
    run_ring(run)
    audit_record(
        actor=actor,
        action="strategy_run.limits_changed",
        object_type="strategy_run",
        object_id=run.id,
        data={
            "name": run.name,
            "before": {name: _plain(old[name]) for name in changed},
            "after": {name: _plain(new[name]) for name in changed},
            "loosened": list(looser),
        },
    )


def _text(name: str, value: Decimal | int | None) -> str:
    if value is None:
        return "none"
    if name in _MONEY:
        return format_inr(Decimal(value))
    return f"{value} s" if name == "signal_seconds" else f"{value}%" if name == "approval_band" else str(value)


def _plain(value: Decimal | int | None) -> str | int | None:
    return str(value) if isinstance(value, Decimal) else value


def _paise(rupees: Decimal | None) -> int | None:
    return None if rupees is None else to_paise(rupees)


def limit_columns(limits: RunLimits) -> dict[str, int | None]:
    """A run's limits as its row keeps them: money in paise, the band in hundredths of a per cent."""
    return {
        "max_loss_paise": _paise(limits.max_loss),
        "max_loss_day_paise": _paise(limits.max_loss_day),
        "max_orders_day": limits.max_orders_day,
        "max_open_positions": limits.max_open_positions,
        "approval_band_bps": None if limits.approval_band is None else int(limits.approval_band * 100),
    }
