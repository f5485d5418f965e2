"""What the book is exposed to, what it may lose, and how the day has gone."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core import clock
from riskmgmt.domain.measures.exposure import GROUPS, exposures
from riskmgmt.domain.measures.sensitivities import sensitivities
from riskmgmt.domain.measures.stress import HISTORY, StressGrid, scenario_pnl, stress_grid
from riskmgmt.domain.measures.value_at_risk import LEAST_DAYS, Method
from riskmgmt.models import AccountMark
from riskmgmt.selectors.book import measured_book
from riskmgmt.selectors.measures import RiskAnswer, RiskQuestion, mark_strategies, marks_for, risk_of
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import accounts_for

from .desk import account_of

_CONFIDENCES = (Decimal("0.95"), Decimal("0.99"))
_METHODS = {
    Method.HISTORICAL: "Historical",
    Method.PARAMETRIC: "Parametric",
    Method.MONTE_CARLO: "Monte Carlo",
}
_HEAT_LEVELS = 4
# The table under the chart shows every so many minutes, and always the last.
_TABLE_STEP = 15


@dataclass(frozen=True, slots=True)
class Cell:
    """P&L of one scenario, and how strongly its cell is tinted: −4 (the worst of the grid) to 4."""

    pnl: float
    heat: int

    @property
    def heat_class(self) -> str:
        """The CSS class of the tint; none around zero."""
        return f"{'up' if self.heat > 0 else 'down'}-{abs(self.heat)}" if self.heat else ""


class ExposureView(TenantPageMixin, View):
    """Exposure, Greeks, value at risk, stress and the day's P&L of one account, or of all that may be seen."""

    permission_required = Permission.VIEW_RISK

    def get(self, request: HttpRequest) -> HttpResponse:
        """The whole page, or its live part for HTMX."""
        account = account_of(self, request)
        by = request.GET.get("by", "")
        by = by if by in GROUPS else "underlying"
        context: dict[str, Any] = {
            "tab": "exposure",
            "account": account,
            "accounts": accounts_for(self.actor),
            "may_kill": self.actor.may(Permission.KILL_SWITCH),
            "here": "?" + urlencode({"account": account.pk if account else "defaults"}),
            "refetch": "?" + urlencode({"account": account.pk if account else "defaults", "by": by}),
            **self._book(account, by),
        }
        partial = request.headers.get("HX-Request")
        if not partial and account is not None:
            context |= self._day(request, account)
        return render(request, f"riskmgmt/exposure.html{'#live' if partial else ''}", context)

    def _book(self, account: TradingAccount | None, by: str) -> dict[str, Any]:
        measured = measured_book(self.actor, account_id=account.pk if account else None)
        book = measured.book
        rows = exposures(book, by=by)
        greeks, total = sensitivities(book)
        questions = [RiskQuestion(confidence=each) for each in _CONFIDENCES]
        risk = risk_of(measured, questions)
        grid = stress_grid(book)
        return {
            "measured": measured,
            "is_empty": not book.assets and not measured.unpriced,
            "by": by,
            "groups": list(GROUPS),
            "exposures": rows,
            "largest": max((max(row.long, row.short) for row in rows), default=0.0),
            "gross": sum(row.gross for row in rows),
            "net": sum(row.net for row in rows),
            "greeks": greeks,
            "greeks_total": total,
            "has_options": any(asset.sign for asset in book.assets),
            "risk": risk,
            "risk_rows": _risk_rows(risk),
            "least_days": LEAST_DAYS,
            "grid_columns": [move * 100 for move in grid.price_moves],
            "grid_rows": _heat(grid),
            "scenarios": [
                (each.name, each.price_move * 100, each.volatility_move * 100, scenario_pnl(book, each))
                for each in HISTORY
            ],
        }

    def _day(self, request: HttpRequest, account: TradingAccount) -> dict[str, Any]:
        start, end = clock.ist_day_span(clock.trading_date())
        strategies = mark_strategies(self.actor, account_id=account.pk, since=start)
        chosen = request.GET.get("strategy", "")
        strategy = chosen if chosen in strategies else ""
        marks = list(marks_for(self.actor, account_id=account.pk, strategy=strategy, since=start, until=end))
        address = {"account": account.pk, "strategy": strategy, "from": _iso(start), "to": _iso(end)}
        return {
            "strategies": strategies,
            "strategy": strategy,
            "marks": _thinned(marks),
            "last_mark": marks[-1] if marks else None,
            "worst_drawdown_paise": max((mark.drawdown_paise for mark in marks), default=0),
            "marks_query": urlencode(address),
        }


def _risk_rows(risk: RiskAnswer) -> list[dict[str, Any]]:
    """One row a method: VaR and CVaR for each confidence."""
    found = {(each.method, round(each.confidence, 4)): each for each in risk.results}
    return [
        {
            "label": label,
            "observations": found[method, 0.99].observations,
            "figures": [found[method, float(confidence)] for confidence in _CONFIDENCES],
        }
        for method, label in _METHODS.items()
        if (method, 0.99) in found
    ]


def _heat(grid: StressGrid) -> list[tuple[float, list[Cell]]]:
    """Rows of the grid with the volatility move in points, tinted by their share of the largest figure."""
    largest = max((abs(each) for row in grid.pnl for each in row), default=0.0)
    return [
        (shift * 100, [Cell(each, _level(each, largest)) for each in row])
        for shift, row in zip(grid.volatility_moves, grid.pnl, strict=True)
    ]


def _level(pnl: float, largest: float) -> int:
    # Below a rupee there is nothing to see, however small the rest of the grid is.
    if abs(pnl) < 1.0 or not largest:
        return 0
    level = min(_HEAT_LEVELS, int(abs(pnl) / largest * _HEAT_LEVELS) + 1)
    return level if pnl > 0 else -level


def _thinned(marks: list[AccountMark]) -> list[AccountMark]:
    """What the table shows of the day, newest first."""
    last = len(marks) - 1
    return [mark for place, mark in enumerate(marks) if place % _TABLE_STEP == 0 or place == last][::-1]


def _iso(moment: datetime) -> str:
    return moment.isoformat()
