"""What is measured of a book, as the API shows it."""

from collections.abc import Iterable, Sequence
from typing import Any

from core.money import from_paise
from riskmgmt.domain.measures.exposure import Exposure
from riskmgmt.domain.measures.sensitivities import Sensitivities
from riskmgmt.domain.measures.stress import HISTORY, StressGrid, scenario_pnl
from riskmgmt.models import AccountMark

from .book import MeasuredBook
from .measures import RiskAnswer, RiskQuestion


def exposure_shape(measured: MeasuredBook, rows: Sequence[Exposure], *, by: str) -> dict[str, Any]:
    """Exposure by one grouping, with the totals."""
    return {
        "by": by,
        "gross": _money(sum(row.gross for row in rows)),
        "net": _money(sum(row.net for row in rows)),
        "market_value": _money(sum(row.market_value for row in rows)),
        "results": [
            {
                "name": row.name,
                "gross": _money(row.gross),
                "net": _money(row.net),
                "market_value": _money(row.market_value),
                "share": _part(row.share),
            }
            for row in rows
        ],
        **_left_out(measured),
    }


def greeks_shape(measured: MeasuredBook, rows: Sequence[Sensitivities], total: Sensitivities) -> dict[str, Any]:
    """Greeks by underlying and of the whole."""
    return {"results": [_greeks(row) for row in rows], "total": _greeks(total), **_left_out(measured)}


def risk_shape(question: RiskQuestion, answer: RiskAnswer) -> dict[str, Any]:
    """The answer to one question of value at risk."""
    return {
        "status": answer.status.value,
        "confidence": str(question.confidence),
        "horizon_days": question.horizon_days,
        "draws": question.draws,
        "seed": question.seed,
        "days": len(answer.days),
        "first_day": answer.days[0].isoformat() if answer.days else None,
        "last_day": answer.days[-1].isoformat() if answer.days else None,
        "covered": _part(answer.covered),
        "uncovered": list(answer.uncovered),
        "unpriced": list(answer.unpriced),
        "stale": answer.stale,
        "results": [
            {
                "method": each.method.value,
                "var": _money(each.var),
                "cvar": _money(each.cvar),
                "observations": each.observations,
            }
            for each in answer.results
        ],
    }


def stress_shape(measured: MeasuredBook, grid: StressGrid) -> dict[str, Any]:
    """The grid and the named scenarios."""
    return {
        "price_moves": [_part(move) for move in grid.price_moves],
        "volatility_moves": [_part(move) for move in grid.volatility_moves],
        "pnl": [[_money(each) for each in row] for row in grid.pnl],
        "worst": _money(grid.worst),
        "scenarios": [
            {
                "name": scenario.name,
                "price_move": _part(scenario.price_move),
                "volatility_move": _part(scenario.volatility_move),
                "pnl": _money(scenario_pnl(measured.book, scenario)),
            }
            for scenario in HISTORY
        ],
        **_left_out(measured),
    }


def marks_shape(marks: Iterable[AccountMark]) -> list[dict[str, Any]]:
    """Marks in their order."""
    return [
        {
            "minute": mark.minute.isoformat(),
            "equity": _paise(mark.equity_paise),
            "profit": _paise(mark.profit_paise),
            "day_pnl": _paise(mark.day_pnl_paise),
            "realised": _paise(mark.realised_paise),
            "unrealised": _paise(mark.unrealised_paise),
            "gross_exposure": _paise(mark.gross_exposure_paise),
            "net_exposure": _paise(mark.net_exposure_paise),
            "drawdown": _paise(mark.drawdown_paise),
            "stale": mark.is_stale,
        }
        for mark in marks
    ]


def _greeks(row: Sensitivities) -> dict[str, Any]:
    return {
        "underlying": row.underlying,
        "delta": None if row.delta is None else _money(row.delta),
        "delta_value": _money(row.delta_value),
        "gamma": None if row.gamma is None else f"{row.gamma:.4f}",
        "gamma_value": _money(row.gamma_value),
        "vega": _money(row.vega),
        "theta": _money(row.theta),
        "rho": _money(row.rho),
    }


def _left_out(measured: MeasuredBook) -> dict[str, Any]:
    return {"unpriced": list(measured.unpriced), "stale": measured.stale}


def _money(value: float) -> str:
    # Adding zero takes the sign off a rounded nothing.
    return f"{round(value, 2) + 0.0:.2f}"


def _part(value: float) -> str:
    return f"{value:.4f}"


def _paise(paise: int | None) -> str | None:
    return None if paise is None else f"{from_paise(paise):.2f}"
