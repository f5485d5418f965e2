"""A result as the report that real accounts get too, and that report as the columns of `models.Figures`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.domain.conventions import Conventions
from analytics.domain.equity import constant_capital
from analytics.domain.report import Activity, Index, PerformanceReport, performance_report
from analytics.domain.round_trips import RoundTrip

Int64Array = NDArray[np.int64]
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind, as far as figures need it. Money in paise.

    `days` are Indian days since 1 January 1970, ascending, `closes` the equity at the end of each. `index` is the
    benchmark's close before the first day and on each of `days`, of any scale; None without a benchmark.
    """

    capital: int
    days: Int64Array
    closes: Int64Array
    trips: Sequence[RoundTrip]
    charges: int = 0
    traded: int = 0
    orders: int = 0
    bars: int = 0
    exposure: float = float("nan")
    benchmark: str = ""
    index: Int64Array | None = None


def report_of(outcome: Outcome, conventions: Conventions | None = None) -> PerformanceReport:
    """The report of a result."""
    days = tuple(date.fromordinal(_EPOCH + day) for day in outcome.days.tolist())
    index = None
    if outcome.index is not None and len(days):
        closes = outcome.index.astype(np.float64)
        index = Index(outcome.benchmark, np.diff(closes) / closes[:-1])
    return performance_report(
        constant_capital(days, outcome.closes, outcome.capital),
        outcome.trips,
        activity=Activity(outcome.charges, outcome.traded, outcome.exposure),
        conventions=conventions,
        index=index,
    )


def figure_columns(report: PerformanceReport, *, orders: int, bars: int) -> dict[str, Any]:
    """Values of the columns of `models.Figures`, None where a figure has no meaning."""
    risk, trades, index = report.risk, report.trades, report.index
    return {
        "bars": bars,
        "orders": orders,
        "trades": trades.trades,
        "final_paise": report.money.closing_paise,
        "net_paise": report.money.net_paise,
        "charges_paise": report.money.charges_paise,
        "best_paise": trades.best_paise,
        "worst_paise": trades.worst_paise,
        "total_return": known(report.returns.total),
        "cagr": known(report.returns.annual),
        "volatility": known(risk.volatility),
        "sharpe": known(risk.sharpe),
        "sortino": known(risk.sortino),
        "calmar": known(risk.calmar),
        "omega": known(risk.omega),
        "max_drawdown": known(risk.max_drawdown),
        "longest_drawdown_days": risk.longest_drawdown_days,
        "value_at_risk": known(risk.value_at_risk),
        "conditional_value_at_risk": known(risk.conditional_value_at_risk),
        "win_rate": known(trades.win_rate),
        "profit_factor": known(trades.profit_factor),
        "payoff": known(trades.payoff),
        "expectancy_paise": known(trades.expectancy_paise),
        "longest_wins": trades.longest_wins,
        "longest_losses": trades.longest_losses,
        "mean_held_seconds": _seconds(trades.mean_held),
        "exposure": known(report.exposure),
        "turnover": known(report.turnover),
        "benchmark_return": known(index.total),
        "alpha": known(index.alpha),
        "beta": known(index.beta),
        "correlation": known(index.correlation),
    }


def known(value: float | Fraction | None) -> float | None:
    """A figure as a number, or None where it is none."""
    return None if value is None or not isfinite(value) else float(value)


def _seconds(held: timedelta | None) -> float | None:
    return None if held is None else held.total_seconds()
