"""Curves, figures and breakdowns of accounts."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from analytics.api import examples
from analytics.domain.breakdown import By
from analytics.domain.report import PerformanceReport
from analytics.selectors import Scope, history_of, performance_of, scope_for
from analytics.selectors.breakdown import breakdown
from analytics.selectors.executions import slippage_of, trade_rows
from analytics.selectors.snapshots import snapshots_for
from analytics.serializers.breakdown import BreakdownQuery, BreakdownSerializer, part_shape
from analytics.serializers.curve import EquityCurveSerializer, curve_shape
from analytics.serializers.figures import RiskMetricsSerializer, risk_shape
from analytics.serializers.performance import PerformanceSerializer, performance_shape
from analytics.serializers.scope import ScopeQuery
from analytics.serializers.snapshots import SnapshotSerializer, SnapshotsQuery, snapshot_shape
from analytics.serializers.trades import TradeListSerializer, TradesQuery, trade_shape
from core.api.pagination import CursorPage
from core.api.reading import query_of


def _example(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True)


class ScopedView(TenantAPIView):
    """Answers about a scope of accounts."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS}

    def scope(self, query: dict[str, Any]) -> Scope:
        """What was asked for; NotFound for an account that the caller may not see."""
        return scope_for(
            self.actor,
            account_id=query.get("account"),
            strategy=query.get("strategy"),
            symbol=query.get("symbol", ""),
            product=query.get("product", ""),
            tag=query.get("tag", ""),
            first=query.get("from"),
            last=query.get("to"),
        )

    def report(self, scope: Scope) -> PerformanceReport:
        """The scope's report under the organisation's conventions."""
        return performance_of(scope, organisation_id=self.actor.organisation_id)


class PerformanceView(ScopedView):
    """The headlines."""

    @extend_schema(
        operation_id="analytics_performance",
        parameters=[ScopeQuery],
        responses=PerformanceSerializer,
        examples=[_example("performance", examples.PERFORMANCE)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Return, risk and trades of a span, from real fills and after charges."""
        return Response(performance_shape(self.report(self.scope(query_of(request, ScopeQuery)))))


class RiskMetricsView(ScopedView):
    """Every figure."""

    @extend_schema(
        operation_id="analytics_risk_metrics",
        parameters=[ScopeQuery],
        responses=RiskMetricsSerializer,
        examples=[_example("figures", examples.RISK)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Every figure with what it means, the deepest drawdowns, and slippage against decision prices."""
        scope = self.scope(query_of(request, ScopeQuery))
        return Response(risk_shape(self.report(scope), slippage_of(scope)))


class EquityCurveView(ScopedView):
    """Worth by day."""

    @extend_schema(
        operation_id="analytics_equity_curve",
        parameters=[ScopeQuery],
        responses=EquityCurveSerializer,
        examples=[_example("curve", examples.CURVE)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Worth, flows, time-weighted growth and drawdown of each day, beside the index."""
        return Response(curve_shape(self.report(self.scope(query_of(request, ScopeQuery)))))


class ClosedTradesView(ScopedView):
    """Round trips."""

    @extend_schema(
        operation_id="analytics_trades",
        parameters=[TradesQuery],
        responses=TradeListSerializer,
        examples=[_example("trades", examples.TRADES)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Closed trades with how far they went for and against their owner, the last closed first."""
        query = query_of(request, TradesQuery)
        scope = self.scope(query)
        history = history_of(scope)
        trades = history.closed(scope)[::-1]
        first, after = query["offset"], query["offset"] + query["limit"]
        return Response(
            {
                "count": len(trades),
                "next_offset": after if after < len(trades) else None,
                "results": [trade_shape(row) for row in trade_rows(history, trades[first:after], {})],
            }
        )


class BreakdownView(ScopedView):
    """Results by what they have in common."""

    @extend_schema(
        operation_id="analytics_pnl_breakdown",
        parameters=[BreakdownQuery],
        responses=BreakdownSerializer,
        examples=[_example("by symbol", examples.BREAKDOWN)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """P&L by symbol, strategy, product, account, day, tag, weekday of exit or hour of entry."""
        query = query_of(request, BreakdownQuery)
        scope = self.scope(query)
        parts = breakdown(history_of(scope), scope, By(query["by"]))
        return Response({"by": query["by"], "results": [part_shape(part) for part in parts]})


class SnapshotsPage(CursorPage):
    """Newest day first."""

    ordering = ("-day", "-id")  # type: ignore[assignment]


class SnapshotsView(TenantAPIView):
    """Stored days."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS}
    pagination_class = SnapshotsPage

    @extend_schema(
        operation_id="analytics_snapshots",
        parameters=[SnapshotsQuery],
        responses=SnapshotSerializer(many=True),
        examples=[_example("snapshot", examples.SNAPSHOT)],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Daily snapshots of the accounts that the caller may see, newest first."""
        query = query_of(request, SnapshotsQuery)
        rows = snapshots_for(
            self.actor, account_id=query.get("account"), first=query.get("from"), last=query.get("to")
        )
        return self.paged(request, rows, lambda page: [snapshot_shape(row) for row in page])
