"""A strategy's run beside a backtest of its span, over REST."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from trading.strategies.selectors.runs import run_get as strategy_run_get

from ..selectors.divergence import compared_rows, divergence_report, report_shape
from ..selectors.runs import run_get, run_shape
from ..serializers.divergence import DivergenceSerializer
from ..serializers.results import RowsQuery
from ..serializers.runs import RunSerializer
from ..services.divergence import divergence_start
from . import divergence_examples, examples
from .base import READ_AND_RUN
from .paging import rows_page


class DivergenceView(TenantAPIView):
    """What a run traded beside what a backtest of the same span would have traded."""

    permissions_required: ClassVar = READ_AND_RUN

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_divergence",
        parameters=[RowsQuery],
        responses=DivergenceSerializer,
        examples=[
            examples.one("compared", divergence_examples.COMPARED),
            examples.one("at work", divergence_examples.WAITING),
        ],
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """The comparison with the newest such backtest, or how far that is; its trades paged by place."""
        report = divergence_report(self.actor, strategy_run_get(self.actor, run_id))
        count = len(report.comparison.found.trades) if report.comparison else 0
        page = rows_page(request, count, lambda start, stop: compared_rows(report, start, stop))
        return Response(report_shape(report) | {"trades": page.data})

    @extend_schema(
        tags=["strategy runs"],
        operation_id="strategy_runs_divergence_create",
        request=None,
        responses={202: RunSerializer},
        examples=[examples.one("queued", examples.QUEUED)],
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Queue a backtest of the days on which the run ran; one that is still at work is handed back instead.

        Refused with `run_not_started` (409), and as `POST backtests` is, such as with `no_data` (400).
        """
        backtest = divergence_start(actor=self.actor, run_id=run_id)
        return Response(run_shape(run_get(self.actor, backtest.pk)), status=202)
