"""The operator's page in the admin: how runs of strategies and backtests of all organisations fare."""

from datetime import timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backtests.selectors.queue import queues
from core.clock import wall_now
from core.errors import Unavailable
from trading.strategies.sandbox.tally import Stop, stops_counted
from trading.strategies.selectors.fleet import fleet, signals_backlog, silent_runs

_REFUSED_WITHIN = timedelta(days=1)
_ROWS_SHOWN = 20


@require_safe
def _operations(request: HttpRequest) -> HttpResponse:
    """Everything at once, for superusers: it names organisations and their runs. The admin has seen to the log-in
    and to the scope of all tenants."""
    if not request.user.is_superuser:
        raise PermissionDenied
    now = wall_now()
    silent = silent_runs()[:_ROWS_SHOWN]
    context = {
        **admin.site.each_context(request),
        "title": "Operations",
        "fleet": fleet(refused_within=_REFUSED_WITHIN),
        "silent": [(run, now - run.heartbeat_at) for run in silent if run.heartbeat_at is not None],
        "backlog": signals_backlog()[:_ROWS_SHOWN],
        "queues": queues(),
        "stops": _stops(),
    }
    return render(request, "admin/operations.html", context)


def _stops() -> dict[Stop, int] | None:
    """None when the shared store does not answer."""
    try:
        return stops_counted()
    except Unavailable:
        return None


operations = admin.site.admin_view(_operations)
