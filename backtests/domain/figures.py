"""What a result amounts to: one fold of equity and round trips into the figures that rows and pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from analytics.domain import ratios, returns
from analytics.domain.conventions import Conventions
from analytics.domain.drawdowns import drawdowns, max_drawdown
from analytics.domain.trade_figures import trade_figures

Int64Array = NDArray[np.int64]
FloatArray = NDArray[np.float64]
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind, as far as figures need it. Money in paise.

    `days` are Indian days since 1 January 1970, ascending, `closes` the equity at the end of each; `net` and `held`
    (seconds) have one entry for each round trip in the order of closing. `index` is the benchmark's close on each
    of `days` and, before them, on the day that precedes the first; empty without a benchmark.
    """

    capital: int
    days: Int64Array
    closes: Int64Array
    net: Int64Array
    held: Int64Array
    charges: int = 0
    traded: int = 0
    orders: int = 0
    bars: int = 0
    exposure: float | None = None
    index: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class ResultFigures:
    """The columns of `backtests.models.Figures`; None where a figure has no meaning."""

    bars: int
    orders: int
    trades: int
    final_paise: int
    net_paise: int
    charges_paise: int
    best_paise: int
    worst_paise: int
    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    omega: float | None
    max_drawdown: float | None
    longest_drawdown_days: int
    value_at_risk: float | None
    conditional_value_at_risk: float | None
    win_rate: float | None
    profit_factor: float | None
    payoff: float | None
    expectancy_paise: float | None
    longest_wins: int
    longest_losses: int
    mean_held_seconds: float | None
    exposure: float | None
    turnover: float | None
    benchmark_return: float | None
    alpha: float | None
    beta: float | None
    correlation: float | None


def daily_returns(capital: int, closes: Int64Array) -> FloatArray:
    """The return of each day, the first against the capital."""
    equity = np.concatenate(([float(capital)], closes.astype(np.float64)))
    return returns.time_weighted(equity, np.zeros(len(equity)))


def figures(outcome: Outcome, conventions: Conventions | None = None) -> ResultFigures:
    """Every figure of a result; returns are of whole days, as `analytics` counts them for real accounts."""
    terms = conventions or Conventions()
    daily = daily_returns(outcome.capital, outcome.closes)
    final = int(outcome.closes[-1]) if len(outcome.closes) else outcome.capital
    trades = trade_figures(
        [int(each) for each in outcome.net], [timedelta(seconds=int(each)) for each in outcome.held]
    )
    return ResultFigures(
        bars=outcome.bars,
        orders=outcome.orders,
        trades=trades.trades,
        final_paise=final,
        net_paise=final - outcome.capital,
        charges_paise=outcome.charges,
        best_paise=trades.best_paise,
        worst_paise=trades.worst_paise,
        total_return=known((final - outcome.capital) / outcome.capital),
        cagr=known(returns.annual_return(daily, terms.periods_per_year)),
        volatility=known(ratios.volatility(daily, terms)),
        sharpe=known(ratios.sharpe(daily, terms)),
        sortino=known(ratios.sortino(daily, terms)),
        calmar=known(ratios.calmar(daily, terms)),
        omega=known(ratios.omega(daily, terms)),
        max_drawdown=known(max_drawdown(daily)),
        longest_drawdown_days=_longest_drawdown(outcome),
        value_at_risk=known(ratios.value_at_risk(daily)),
        conditional_value_at_risk=known(ratios.conditional_value_at_risk(daily)),
        win_rate=_plain(trades.win_rate),
        profit_factor=_plain(trades.profit_factor),
        payoff=_plain(trades.payoff),
        expectancy_paise=_plain(trades.expectancy_paise),
        longest_wins=trades.longest_wins,
        longest_losses=trades.longest_losses,
        mean_held_seconds=trades.mean_held.total_seconds() if trades.mean_held is not None else None,
        exposure=outcome.exposure,
        turnover=known(outcome.traded / outcome.capital),
        **_against(daily, outcome.index, terms),
    )


def known(value: float) -> float | None:
    """A figure, or None where it is not a number."""
    return float(value) if isfinite(value) else None


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _longest_drawdown(outcome: Outcome) -> int:
    """Calendar days from a peak to its recovery, or to the end while under water."""
    if not len(outcome.days):
        return 0
    days = np.concatenate(([outcome.days[0] - 1], outcome.days))
    equity = np.concatenate(([float(outcome.capital)], outcome.closes.astype(np.float64)))
    spans: Sequence[int] = [
        int(days[each.recovered if each.recovered is not None else -1] - days[each.peak])
        for each in drawdowns(equity)
    ]
    return max(spans, default=0)


def _against(daily: FloatArray, index: FloatArray | None, terms: Conventions) -> dict[str, float | None]:
    if index is None or len(index) != len(daily) + 1 or len(daily) < 2:
        return dict.fromkeys(("benchmark_return", "alpha", "beta", "correlation"))
    moves = np.diff(index) / index[:-1]
    return {
        "benchmark_return": known(float(index[-1] / index[0] - 1.0)),
        "alpha": known(ratios.alpha(daily, moves, terms)),
        "beta": known(ratios.beta(daily, moves)),
        "correlation": known(ratios.correlation(daily, moves)),
    }
