"""What the addresses of backtests, sweeps and walk-forwards have in common."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import body_of, names_in, query_of

from ..models import Run
from ..selectors.runs import run_get, runs_for
from ..serializers.runs import RunPatch, RunQuery
from ..services import runs as services


class KindView(TenantAPIView):
    """An address of one kind of run."""

    kind: ClassVar[Run.Kind]

    def run(self, run_id: UUID) -> Run:
        """The run that the address names. Raises NotFound."""
        return run_get(self.actor, run_id, self.kind)

    def shape(self, run: Run) -> dict[str, Any]:
        """Its JSON."""
        raise NotImplementedError

    def listed(self, request: Request) -> Response:
        """The kind's runs by the query string, newest first."""
        asked = query_of(request, RunQuery)
        runs = runs_for(
            self.actor,
            kind=self.kind,
            statuses=names_in(asked.get("status", ""), Run.Status.values),
            strategy=asked.get("strategy", ""),
            symbol=asked.get("symbol", ""),
            asked_by=asked.get("requested_by"),
            since=asked.get("from"),
            until=asked.get("to"),
        )
        return self.paged(request, runs, lambda page: [self.shape(run) for run in page])

    def changed(self, request: Request, run_id: UUID) -> Response:
        """Another name or note."""
        self.run(run_id)
        services.run_annotate(actor=self.actor, run_id=run_id, **body_of(request, RunPatch))
        return Response(self.shape(self.run(run_id)))

    def deleted(self, run_id: UUID) -> Response:
        """No more of it."""
        self.run(run_id)
        services.run_delete(actor=self.actor, run_id=run_id)
        return Response(status=204)

    def ended(self, run_id: UUID) -> Response:
        """Cancelled."""
        self.run(run_id)
        services.run_cancel(actor=self.actor, run_id=run_id)
        return Response(self.shape(self.run(run_id)))


READ_AND_RUN = {"GET": Permission.VIEW_STRATEGIES, "POST": Permission.RUN_BACKTESTS}
READ_AND_CHANGE = {
    "GET": Permission.VIEW_STRATEGIES,
    "PATCH": Permission.RUN_BACKTESTS,
    "DELETE": Permission.RUN_BACKTESTS,
}
