"""Runs of an organisation, and their shape in JSON."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.domain.actor import Actor
from backtests.models import Figures, Run, RunStrategy
from core.errors import NotFound
from core.money import rupee_text

from .strategies import version_of


def runs_for(
    actor: Actor,
    *,
    kind: Run.Kind | None = None,
    statuses: Sequence[str] = (),
    strategy: str = "",
    symbol: str = "",
    asked_by: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Run]:
    """The organisation's runs, with their strategies, newest first. `strategy` without a version means all of them;
    `since` and `until` are when it was asked for, the latter not included."""
    runs = Run.objects.for_actor(actor).select_related("search", "requested_by").prefetch_related("strategies")
    if kind is not None:
        runs = runs.filter(kind=kind)
    if statuses:
        runs = runs.filter(status__in=statuses)
    if strategy:
        named = RunStrategy.objects.filter(Q(key=strategy) | Q(key__startswith=f"{strategy}@"), run=OuterRef("pk"))
        runs = runs.filter(Exists(named))
    if symbol:
        runs = runs.filter(Exists(_on(symbol)))
    if asked_by is not None:
        runs = runs.filter(requested_by_id=asked_by)
    if since is not None:
        runs = runs.filter(requested_at__gte=since)
    if until is not None:
        runs = runs.filter(requested_at__lt=until)
    return runs.order_by("-id")


def _on(symbol: str) -> QuerySet[RunStrategy]:
    """Strategies of the outer run that trade an instrument. As text: SQLite looks into no list."""
    listed = RunStrategy.objects.annotate(listed=Cast("symbols", TextField()))
    return listed.filter(run=OuterRef("pk"), listed__contains=json.dumps(symbol.upper()))


def requesters(actor: Actor) -> list[tuple[UUID, str]]:
    """Who has asked for runs of the organisation, by name."""
    people = Run.objects.for_actor(actor).filter(requested_by__isnull=False).order_by()
    found = people.values_list("requested_by", "requested_by__name", "requested_by__email").distinct()
    return sorted(((user, name or email) for user, name, email in found), key=lambda each: each[1].lower())


def strategies_run(actor: Actor) -> list[tuple[str, str]]:
    """Keys (without versions) and titles of what the organisation has run, by title."""
    rows = RunStrategy.objects.for_actor(actor).order_by().values_list("key", "title").distinct()
    return sorted({key.partition("@")[0]: title for key, title in rows}.items(), key=lambda each: each[1].lower())


def run_get(actor: Actor, run_id: UUID, kind: Run.Kind | None = None) -> Run:
    """One run. Raises NotFound, also where it is another organisation's or of another kind."""
    found: Run | None = runs_for(actor, kind=kind).filter(pk=run_id).first()
    if found is None:
        raise NotFound("There is no such run.")
    return found


def run_shape(run: Run) -> dict[str, Any]:
    """A run as the API tells it; the first strategy's fields stand at the top."""
    strategies = [
        {
            "strategy": each.key,
            "title": each.title,
            "version": version_of(each.key),
            "digest": each.digest or None,
            "parameters": each.parameters,
            "symbols": each.symbols,
            "interval": each.interval,
            "product": each.product,
        }
        for each in run.strategies.all()
    ]
    first = strategies[0]
    return {
        "id": run.pk,
        "name": run.name,
        "strategy": first["strategy"],
        "parameters": first["parameters"],
        "symbols": first["symbols"],
        "interval": first["interval"],
        "product": first["product"],
        "strategies": strategies,
        "from": run.first,
        "to": run.last,
        "capital": rupee_text(run.capital_paise),
        "base_interval": run.base,
        "plan": run.plan,
        "charging": run.charging,
        "funds": run.funds,
        "slippage_model": run.slippage_model or None,
        "slippage_value": str(run.slippage_value.normalize()),
        "square_off": run.square_off,
        "seed": run.seed,
        "benchmark": run.benchmark or None,
        "option_model": run.option_model or None,
        "modelled_share": run.modelled_share,
        "status": run.status,
        "progress": round(run.progress, 4),
        "message": run.message,
        "code": run.code or None,
        "attempts": run.attempts,
        "worker_seen_at": run.worker_seen_at,
        "requested_at": run.requested_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "worked_ms": run.worked_ms,
        "look_ahead": {"state": run.look_ahead, "detail": run.look_ahead_detail},
        "caveats": run.caveats.splitlines(),
        "note": run.note,
        "metrics": metrics_shape(run) if run.final_paise is not None else None,
    }


def metrics_shape(row: Figures) -> dict[str, Any]:
    """Figures as in `performance` of the API: money in rupees, the rest as numbers, null where undefined."""
    net, charges = row.net_paise or 0, row.charges_paise or 0
    return {
        "returns": row.total_return,
        "cagr": row.cagr,
        "volatility": row.volatility,
        "sharpe": row.sharpe,
        "sortino": row.sortino,
        "calmar": row.calmar,
        "omega": row.omega,
        "max_drawdown": row.max_drawdown,
        "longest_drawdown_days": row.longest_drawdown_days,
        "value_at_risk": row.value_at_risk,
        "conditional_value_at_risk": row.conditional_value_at_risk,
        "win_rate": row.win_rate,
        "profit_factor": row.profit_factor,
        "payoff": row.payoff,
        "expectancy": None if row.expectancy_paise is None else rupee_text(round(row.expectancy_paise)),
        "trades": row.trades,
        "orders": row.orders,
        "longest_wins": row.longest_wins,
        "longest_losses": row.longest_losses,
        "mean_held_seconds": row.mean_held_seconds,
        "exposure": row.exposure,
        "turnover": row.turnover,
        "best_trade": rupee_text(row.best_paise or 0),
        "worst_trade": rupee_text(row.worst_paise or 0),
        "total_pnl": rupee_text(net + charges),
        "charges": rupee_text(charges),
        "net_pnl": rupee_text(net),
        "final_equity": rupee_text(row.final_paise or 0),
        "benchmark_return": row.benchmark_return,
        "alpha": row.alpha,
        "beta": row.beta,
        "correlation": row.correlation,
        "bars": row.bars,
    }
