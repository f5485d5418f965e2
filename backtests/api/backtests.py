"""Backtests over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.api.reading import query_of, read
from core.money import rupee_text

from ..models import Run, RunSeries
from ..selectors.costs import costs_of
from ..selectors.results import curve, daily_rows, instant, rows_of, series_get, trade_rows
from ..selectors.runs import run_get, run_shape
from ..serializers.results import (
    EquityQuery,
    EquitySerializer,
    LogSerializer,
    RowsQuery,
    RunOrdersSerializer,
    TradesSerializer,
)
from ..serializers.runs import BacktestInput, RunDetailSerializer, RunPatch, RunQuery, RunSerializer
from ..services.runs import backtest_start
from . import examples
from .base import READ_AND_CHANGE, READ_AND_RUN, KindView
from .paging import rows_page

Name = RunSeries.Name


class _BacktestView(KindView):
    kind = Run.Kind.BACKTEST

    def shape(self, run: Run) -> dict[str, Any]:
        return run_shape(run)


class BacktestsView(_BacktestView):
    """Backtests."""

    permissions_required: ClassVar = READ_AND_RUN
    pagination_class = CursorPage

    @extend_schema(
        operation_id="backtests_list",
        tags=["backtests"],
        parameters=[RunQuery],
        responses=RunSerializer(many=True),
        examples=[examples.one("done", examples.RUN)],
    )
    def get(self, request: Request) -> Response:
        """Your organisation's backtests, newest first, paged by cursor."""
        return self.listed(request)

    @extend_schema(
        operation_id="backtests_create",
        tags=["backtests"],
        request=BacktestInput,
        responses={202: RunSerializer},
        examples=[
            examples.asked("moving averages on a share", examples.ASKED),
            examples.asked(
                "two strategies share the capital",
                examples.ASKED
                | {"also": [{"strategy": "rsi_reversion", "symbols": ["NSE:TCS"], "interval": "15m"}]},
            ),
            examples.one("queued", examples.QUEUED),
        ],
    )
    def post(self, request: Request) -> Response:
        """Queue a backtest; follow it at its own address.

        Refused with `unknown_strategy`, `parameter_unknown`, `parameter_invalid`, `parameter_out_of_bounds`,
        `parameters_conflict`, `unknown_symbol`, `symbols_unfit`, `interval_unfit`, `product_not_allowed`,
        `span_inverted`, `span_too_long`, `span_in_future`, `no_sessions`, `calendar_unknown`, `no_data`,
        `capital_out_of_bounds`, `unknown_plan`, `slippage_out_of_bounds`, `unknown_benchmark`, `too_many_bars`
        (400), `quota_kept` (409), `quota_waiting` (429).
        """
        body = BacktestInput(data=request.data)
        run = backtest_start(actor=self.actor, terms=body.run_terms(read(body)))
        return Response(run_shape(run_get(self.actor, run.pk)), status=202)


class BacktestView(_BacktestView):
    """One backtest."""

    permissions_required: ClassVar = READ_AND_CHANGE

    @extend_schema(
        operation_id="backtests_retrieve",
        tags=["backtests"],
        responses=RunDetailSerializer,
        examples=[examples.one("done", examples.RUN | {"costs": examples.COSTS})],
    )
    def get(self, request: Request, backtest_id: UUID) -> Response:
        """Its terms, how far it is, and its figures and what its charges were for once it is done."""
        run = self.run(backtest_id)
        return Response(run_shape(run) | {"costs": [cost.shape() for cost in costs_of(run)]})

    @extend_schema(
        operation_id="backtests_update",
        tags=["backtests"],
        request=RunPatch,
        responses=RunSerializer,
        examples=[
            examples.asked("a note", {"note": "Too many trades before ten."}),
            examples.one("done", examples.RUN),
        ],
    )
    def patch(self, request: Request, backtest_id: UUID) -> Response:
        """Rename it, or write a note."""
        return self.changed(request, backtest_id)

    @extend_schema(operation_id="backtests_delete", tags=["backtests"], responses={204: None})
    def delete(self, request: Request, backtest_id: UUID) -> Response:
        """Delete it with its results; `run_live` before it has ended."""
        return self.deleted(backtest_id)


class BacktestCancelView(_BacktestView):
    """Ending one early."""

    permissions_required: ClassVar = {"POST": Permission.RUN_BACKTESTS}

    @extend_schema(
        operation_id="backtests_cancel",
        tags=["backtests"],
        request=None,
        responses=RunSerializer,
        examples=[examples.one("cancelled", examples.QUEUED | {"status": "CANCELLED", "message": "Cancelled."})],
    )
    def post(self, request: Request, backtest_id: UUID) -> Response:
        """Cancel it; `run_over` when it has ended already."""
        return self.ended(backtest_id)


class BacktestTradesView(_BacktestView):
    """Its round trips."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="backtests_trades",
        tags=["backtests"],
        parameters=[RowsQuery],
        responses=TradesSerializer,
        examples=[examples.one("one", {"next": None, "previous": None, "count": 1, "results": [examples.TRADE]})],
    )
    def get(self, request: Request, backtest_id: UUID) -> Response:
        """Round trips in the order of closing; none before it has ended."""
        columns = series_get(self.run(backtest_id), Name.TRADES)
        return rows_page(request, len(columns.get("net", ())), lambda start, stop: trade_rows(columns, start, stop))


class BacktestOrdersView(_BacktestView):
    """Its orders."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="backtests_orders", tags=["backtests"], parameters=[RowsQuery], responses=RunOrdersSerializer
    )
    def get(self, request: Request, backtest_id: UUID) -> Response:
        """Every order with how it ended, refused ones with their reason."""
        columns = series_get(self.run(backtest_id), Name.ORDERS)
        return rows_page(request, len(columns.get("at", ())), lambda start, stop: rows_of(columns, start, stop))


class BacktestLogView(_BacktestView):
    """Its journal."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="backtests_log", tags=["backtests"], parameters=[RowsQuery], responses=LogSerializer
    )
    def get(self, request: Request, backtest_id: UUID) -> Response:
        """What the strategy wrote down, at market time."""
        columns = series_get(self.run(backtest_id), Name.LOG)
        return rows_page(request, len(columns.get("at", ())), lambda start, stop: rows_of(columns, start, stop))


class BacktestEquityView(_BacktestView):
    """Its equity."""

    permissions_required: ClassVar = {"GET": Permission.VIEW_STRATEGIES}

    @extend_schema(
        operation_id="backtests_equity",
        tags=["backtests"],
        parameters=[EquityQuery],
        responses=EquitySerializer,
        examples=[
            examples.one(
                "two points",
                {
                    "points": [
                        ["2022-01-03T09:16:00+05:30", "1000000.00", 0.0],
                        ["2022-01-03T09:17:00+05:30", "999120.50", -0.0008795],
                    ],
                    "days": [["2022-01-03", "1002410.00", "1003120.55"]],
                },
            )
        ],
    )
    def get(self, request: Request, backtest_id: UUID) -> Response:
        """Equity and drawdown through time, and the days beside the benchmark."""
        run = self.run(backtest_id)
        found = curve(run, points=query_of(request, EquityQuery)["points"])
        points = zip(found.at.tolist(), found.paise.tolist(), found.drawdown.tolist(), strict=True)
        return Response(
            {
                "points": [
                    [instant(at).isoformat(), rupee_text(paise), round(fall, 6)] for at, paise, fall in points
                ],
                "days": daily_rows(run),
            }
        )
