"""What a book is exposed to and what it may lose."""

from datetime import datetime, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core import clock
from core.api.reading import query_of
from core.errors import InvalidInput
from riskmgmt.domain.measures.exposure import GROUPS, exposures
from riskmgmt.domain.measures.sensitivities import sensitivities
from riskmgmt.domain.measures.stress import stress_grid
from riskmgmt.selectors.book import MeasuredBook, measured_book
from riskmgmt.selectors.measure_shapes import exposure_shape, greeks_shape, marks_shape, risk_shape, stress_shape
from riskmgmt.selectors.measures import RiskQuestion, marks_for, risk_of
from riskmgmt.serializers.measures import (
    ExposureQuery,
    ExposureSerializer,
    GreeksSerializer,
    MarksQuery,
    MarksSerializer,
    MeasureQuery,
    StressSerializer,
    ValueAtRiskQuery,
    ValueAtRiskSerializer,
)
from trading.portfolio.selectors import account_get

MOST_SPAN = timedelta(days=7)

_EXPOSURE = {
    "by": "underlying",
    "gross": "1842500.00",
    "net": "642500.00",
    "market_value": "655210.00",
    "results": [
        {
            "name": "NSE:NIFTY",
            "gross": "1242500.00",
            "net": "42500.00",
            "market_value": "55210.00",
            "share": "0.6744",
        },
        {
            "name": "NSE:RELIANCE",
            "gross": "600000.00",
            "net": "600000.00",
            "market_value": "600000.00",
            "share": "0.3256",
        },
    ],
    "unpriced": [],
    "stale": False,
}
_GREEKS_ROW = {
    "underlying": "NSE:NIFTY",
    "delta": "1.71",
    "delta_value": "42500.00",
    "gamma": "-0.1240",
    "gamma_value": "-766500.00",
    "vega": "-1820.40",
    "theta": "1240.55",
    "rho": "-96.12",
}
_GREEKS = {
    "results": [_GREEKS_ROW],
    "total": {**_GREEKS_ROW, "underlying": "", "delta": None, "gamma": None},
    "unpriced": [],
    "stale": False,
}
_RISK: dict[str, Any] = {
    "status": "measured",
    "confidence": "0.99",
    "horizon_days": 1,
    "draws": 10000,
    "seed": 0,
    "days": 242,
    "first_day": "2025-11-24",
    "last_day": "2026-11-20",
    "covered": "0.9840",
    "uncovered": ["NSE:NEWLISTING"],
    "unpriced": [],
    "stale": False,
    "results": [
        {"method": "HISTORICAL", "var": "28410.55", "cvar": "33902.10", "observations": 242},
        {"method": "PARAMETRIC", "var": "26110.00", "cvar": "29914.20", "observations": 242},
        {"method": "MONTE_CARLO", "var": "27005.75", "cvar": "31120.90", "observations": 10000},
    ],
}
_NO_HISTORY = {
    **_RISK,
    "status": "insufficient_history",
    "days": 14,
    "first_day": "2026-11-02",
    "covered": "0.0000",
    "uncovered": ["NSE:RELIANCE"],
    "results": [],
}
_STRESS = {
    "price_moves": ["-0.1000", "0.0000", "0.1000"],
    "volatility_moves": ["0.0000", "0.1000"],
    "pnl": [["-60000.00", "0.00", "60000.00"], ["-64100.20", "-3900.00", "55870.40"]],
    "worst": "-64100.20",
    "scenarios": [
        {
            "name": "Election result, 4 June 2024",
            "price_move": "-0.0593",
            "volatility_move": "0.0600",
            "pnl": "-37215.00",
        }
    ],
    "unpriced": [],
    "stale": False,
}
_MARKS = {
    "account": "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10",
    "strategy": "",
    "worst_drawdown": "1240.00",
    "results": [
        {
            "minute": "2026-11-20T05:04:00+00:00",
            "equity": "1008120.40",
            "profit": "8120.40",
            "day_pnl": "2110.25",
            "realised": "400.00",
            "unrealised": "1822.50",
            "gross_exposure": "642500.00",
            "net_exposure": "642500.00",
            "drawdown": "1240.00",
            "stale": False,
        }
    ],
}


class _MeasureView(TenantAPIView):
    permissions_required = {"GET": Permission.VIEW_RISK}

    def measured(self, query: dict[str, Any]) -> MeasuredBook:
        """The book that a query names. Raises NotFound for an account that the caller may not see."""
        account_id = query.get("account")
        if account_id is not None:
            account_get(self.actor, account_id)
        return measured_book(self.actor, account_id=account_id)


class ExposureView(_MeasureView):
    """Exposure by symbol, underlying, sector, product or strategy."""

    @extend_schema(
        operation_id="risk_exposure",
        parameters=[ExposureQuery],
        responses=ExposureSerializer,
        examples=[OpenApiExample("by underlying", value=_EXPOSURE, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """Gross and net exposure of open positions, options by their delta, the largest first."""
        query = query_of(request, ExposureQuery)
        by = query["by"]
        if by not in GROUPS:
            message = f"Group by one of {', '.join(GROUPS)}."
            raise InvalidInput(message, code="invalid_by", errors={"by": [message]})
        measured = self.measured(query)
        return Response(exposure_shape(measured, exposures(measured.book, by=by), by=by))


class GreeksView(_MeasureView):
    """Greeks by underlying."""

    @extend_schema(
        operation_id="risk_greeks",
        parameters=[MeasureQuery],
        responses=GreeksSerializer,
        examples=[OpenApiExample("greeks", value=_GREEKS, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """Delta, gamma, vega, theta and rho by underlying, and of the whole book."""
        measured = self.measured(query_of(request, MeasureQuery))
        return Response(greeks_shape(measured, *sensitivities(measured.book)))


class ValueAtRiskView(_MeasureView):
    """Value at risk and CVaR."""

    @extend_schema(
        operation_id="risk_var",
        parameters=[ValueAtRiskQuery],
        responses=ValueAtRiskSerializer,
        examples=[
            OpenApiExample("measured", value=_RISK, response_only=True),
            OpenApiExample("too little history", value=_NO_HISTORY, response_only=True),
        ],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """Historical, parametric and Monte Carlo, side by side, with what they leave out."""
        query = query_of(request, ValueAtRiskQuery)
        question = RiskQuestion(query["confidence"], query["horizon"], query["draws"], query["seed"])
        return Response(risk_shape(question, risk_of(self.measured(query), [question])))


class StressView(_MeasureView):
    """Stress scenarios."""

    @extend_schema(
        operation_id="risk_stress",
        parameters=[MeasureQuery],
        responses=StressSerializer,
        examples=[OpenApiExample("stress", value=_STRESS, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """The book fully revalued under moves of prices and volatilities, and under days that happened."""
        measured = self.measured(query_of(request, MeasureQuery))
        return Response(stress_shape(measured, stress_grid(measured.book)))


class MarksView(TenantAPIView):
    """Accounts and strategies marked to market, minute by minute."""

    permissions_required = {"GET": Permission.VIEW_RISK}

    @extend_schema(
        operation_id="risk_marks",
        parameters=[MarksQuery],
        responses=MarksSerializer,
        examples=[OpenApiExample("marks", value=_MARKS, response_only=True)],
        tags=["risk"],
    )
    def get(self, request: Request) -> Response:
        """The marks of an account, or of a strategy in it, with the drawdown from the day's peak."""
        query = query_of(request, MarksQuery)
        account = account_get(self.actor, query["account"])
        since, until = _span(query.get("from"), query.get("to"))
        rows = marks_shape(
            marks_for(self.actor, account_id=account.pk, strategy=query["strategy"], since=since, until=until)
        )
        worst = max((row["drawdown"] for row in rows), key=float, default="0.00")
        return Response(
            {"account": str(account.pk), "strategy": query["strategy"], "worst_drawdown": worst, "results": rows}
        )


def _span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """From and to; without them the trading day, or the day that the one given lies in."""
    if since is None:
        day = clock.trading_date(until - timedelta(microseconds=1) if until else None)
        since = clock.ist_day_start(day)
    if until is None:
        _, end = clock.ist_day_span(clock.trading_date())
        until = max(since, min(end, since + MOST_SPAN))
    if not timedelta(0) <= until - since <= MOST_SPAN:
        message = f"Ask for at most {MOST_SPAN.days} days, from the earlier to the later moment."
        raise InvalidInput(message, code="invalid_span", errors={"to": [message]})
    return since, until
