"""Beginning, ending and keeping runs. Nothing runs here: rows are written, and a worker is rung for."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.models import Organisation
from accounts.services import audit_record
from backtests.domain.terms import RunTerms
from backtests.models import Quota, Run, RunStrategy
from backtests.selectors.quotas import quota_of
from core.clock import wall_now
from core.errors import Conflict, NotFound, TooMany
from core.events import enqueue_on_commit
from trading.strategies.registry import digest

from .checks import Checked, terms_check
from .leases import TASK, ring_next

NOTE_MOST = 4_000
_RETRY_SECONDS = 60


@transaction.atomic
def backtest_start(*, actor: Actor, terms: RunTerms) -> Run:
    """Queue a backtest. Raises InvalidInput as `terms_check` does, TooMany (`quota_waiting`), Conflict
    (`quota_kept`)."""
    quota = quota_lock(actor.organisation_id)
    checked = terms_check(actor.organisation_id, terms, quota)
    return run_write(actor, Run.Kind.BACKTEST, checked)


def quota_lock(organisation_id: UUID) -> Quota:
    """The quota, checked against what waits and what is kept; no other run of the organisation is begun until the
    transaction ends. Raises TooMany (`quota_waiting`), Conflict (`quota_kept`)."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    quota = quota_of(organisation_id)
    runs = Run.objects.filter(organisation_id=organisation_id)
    live = runs.filter(status__in=[Run.Status.QUEUED, Run.Status.RUNNING]).count()
    if live >= quota.waiting:
        detail = f"{live} runs are waiting or running already: wait for one to end, or cancel one."
        raise TooMany(detail, code="quota_waiting", retry_after=_RETRY_SECONDS)
    if runs.count() >= quota.kept:
        raise Conflict(f"{quota.kept:,} runs are kept: delete some first.", code="quota_kept")
    return quota


def run_write(actor: Actor, kind: Run.Kind, checked: Checked) -> Run:
    """The rows of a run, and the bell for a worker; the caller is in a transaction and has locked the quota."""
    terms = checked.terms
    run: Run = Run.objects.create(
        organisation_id=actor.organisation_id,
        kind=kind,
        name=(terms.name.strip() or run_title(checked))[:120],
        first=terms.first,
        last=terms.last,
        capital_paise=terms.capital_paise,
        base=checked.base,
        plan=terms.plan,
        charging=terms.charging,
        funds=terms.funds,
        slippage_model=terms.slippage_model or "",
        slippage_value=terms.slippage_value,
        square_off=terms.square_off,
        seed=terms.seed,
        benchmark=checked.benchmark.key if checked.benchmark else "",
        wants_look_ahead=terms.wants_look_ahead,
        requested_by_id=actor.user_id,
        requested_at=wall_now(),
    )
    RunStrategy.objects.bulk_create(
        RunStrategy(
            organisation_id=actor.organisation_id,
            run=run,
            position=position,
            label=each.label,
            key=each.strategy.key,
            title=each.strategy.title,
            digest=digest(each.strategy),
            parameters=dict(each.values),
            symbols=[instrument.key for instrument in each.instruments],
            interval=each.interval,
            product=each.product,
        )
        for position, each in enumerate(checked.strategies)
    )
    enqueue_on_commit(TASK, run_id=str(run.pk))
    _audit(actor, "backtest.requested", run)
    return run


def run_title(checked: Checked) -> str:
    """What a run is called that nobody named: "Supertrend on NIFTY 5m"."""
    first = checked.strategies[0]
    others = len({each.pk for one in checked.strategies for each in one.instruments}) - 1
    where = first.instruments[0].symbol + (f" and {others} more" if others > 0 else "")
    with_others = f" with {len(checked.strategies) - 1} more" if len(checked.strategies) > 1 else ""
    return f"{first.strategy.title}{with_others} on {where} {first.interval}"


@transaction.atomic
def run_cancel(*, actor: Actor, run_id: UUID) -> Run:
    """End a run; what it has stored so far stays. Raises NotFound, or Conflict (`run_over`) once it has ended."""
    run = _locked(actor, run_id)
    if not run.is_live:
        raise Conflict(f"It is {run.get_status_display().lower()} already.", code="run_over")
    run.status, run.finished_at, run.lease, run.leased_until = Run.Status.CANCELLED, wall_now(), None, None
    run.message = "Cancelled."
    run.save(update_fields=["status", "finished_at", "lease", "leased_until", "message"])
    ring_next(run.organisation_id)
    _audit(actor, "backtest.cancelled", run)
    return run


@transaction.atomic
def run_delete(*, actor: Actor, run_id: UUID) -> None:
    """Delete a run that is over, with all it found. Raises NotFound, Conflict (`run_live`)."""
    run = _locked(actor, run_id)
    if run.is_live:
        raise Conflict("It has not ended: cancel it first.", code="run_live")
    _audit(actor, "backtest.deleted", run)
    run.delete()


@transaction.atomic
def run_annotate(*, actor: Actor, run_id: UUID, name: str | None = None, note: str | None = None) -> Run:
    """Rename a run, or write beside it what was learnt from it. Raises NotFound."""
    run = _locked(actor, run_id)
    run.name = (name or "").strip()[:120] or run.name
    if note is not None:
        run.note = note.strip()[:NOTE_MOST]
    run.save(update_fields=["name", "note"])
    return run


def _locked(actor: Actor, run_id: UUID) -> Run:
    run: Run | None = Run.objects.for_actor(actor).select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def _audit(actor: Actor, action: str, run: Run) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="backtest",
        object_id=run.pk,
        data={"kind": run.kind, "name": run.name},
    )
