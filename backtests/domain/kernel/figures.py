"""Figures of runs from what the loop has added up: of one, or of all cells of a sweep at once.

The definitions are those of `analytics.domain`, over daily returns from the capital on; a test holds the two
together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from analytics.domain.conventions import Conventions
from analytics.domain.returns import yearly
from trading.marketdata.domain.bars import Int64Array

from . import columns
from .columns import FloatArray


@dataclass(frozen=True, slots=True)
class Figures:
    """One number each of a single run, a column each of many. NaN where a figure has no meaning.

    Money in paise, net of charges; returns, ratios, drawdowns (negative) and exposure as fractions; turnover in
    mean worths. `worst_drawdown` is of bars' closes, all other figures of risk are of daily closes. Skew and
    kurtosis are the plain moments of daily returns (3 is normal), `daily_sharpe` is not annualised: what the
    deflated ratio takes. `outsized` counts orders that were larger than what the first piece of their bar displays.
    """

    final_equity: FloatArray
    net_profit: FloatArray
    total_return: FloatArray
    annual_return: FloatArray
    volatility: FloatArray
    sharpe: FloatArray
    sortino: FloatArray
    calmar: FloatArray
    max_drawdown: FloatArray
    worst_drawdown: FloatArray
    trades: FloatArray
    win_rate: FloatArray
    profit_factor: FloatArray
    payoff: FloatArray
    expectancy: FloatArray
    best_trade: FloatArray
    worst_trade: FloatArray
    exposure: FloatArray
    charges: FloatArray
    turnover: FloatArray
    daily_sharpe: FloatArray
    skew: FloatArray
    kurtosis: FloatArray
    days: FloatArray
    outsized: FloatArray

    def of(self, cell: int) -> dict[str, float]:
        """One cell's figures by name."""
        return {name: float(column[cell]) for name, column in self.columns()}

    def columns(self) -> Iterator[tuple[str, FloatArray]]:
        """Every figure's name and column."""
        for each in fields(self):
            yield each.name, getattr(self, each.name)


def figures_of(
    totals: Int64Array, sums: FloatArray, *, capital_paise: int, pieces: int, conventions: Conventions
) -> Figures:
    """From rows of the loop's totals and sums, one row a run, over bars of so many pieces together."""
    days = sums[:, columns.DAYS]
    year = conventions.periods_per_year
    mean, deviation, skew, kurtosis = _moments(sums)
    # Of returns that are all alike the sums leave rounding for a deviation.
    deviation = np.where(deviation > 1e-12, deviation, np.nan)
    excess = mean - conventions.risk_free_per_period
    final = totals[:, columns.FINAL].astype(np.float64)
    growth = final / capital_paise
    years = days / year
    annual = np.where(growth > 0, yearly(np.maximum(growth, 0.0), _over(np.ones_like(years), years)), -1.0)
    downside = np.sqrt(_over(sums[:, columns.SHORTFALL], days) * year)
    trades, wins = totals[:, columns.TRADES].astype(np.float64), totals[:, columns.WINS].astype(np.float64)
    won, lost = totals[:, columns.WON] / 100.0, totals[:, columns.LOST] / 100.0
    any_trade = np.where(trades > 0, 0.0, np.nan)
    return Figures(
        final_equity=final,
        net_profit=final - capital_paise,
        total_return=growth - 1.0,
        annual_return=np.where(days > 0, annual, np.nan),
        volatility=deviation * np.sqrt(year),
        sharpe=excess / deviation * np.sqrt(year),
        sortino=np.where(days > 1, _over(excess * year, downside), np.nan),
        calmar=_over(annual, -sums[:, columns.DRAWDOWN]),
        max_drawdown=sums[:, columns.DRAWDOWN].copy(),
        worst_drawdown=sums[:, columns.DEEPEST].copy(),
        trades=trades,
        win_rate=_over(wins, trades),
        profit_factor=_over(won, lost),
        payoff=_over(_over(won, wins), _over(lost, totals[:, columns.LOSSES].astype(np.float64))),
        expectancy=_over(won - lost, trades),
        best_trade=totals[:, columns.BEST] / 100.0 + any_trade,
        worst_trade=totals[:, columns.WORST] / 100.0 + any_trade,
        exposure=totals[:, columns.HELD] / max(pieces, 1),
        charges=totals[:, columns.CHARGES].astype(np.float64),
        turnover=_over(totals[:, columns.TURNOVER] * 100.0 * days, sums[:, columns.WORTH]),
        daily_sharpe=excess / deviation,
        skew=skew,
        kurtosis=kurtosis,
        days=days.copy(),
        outsized=totals[:, columns.OUTSIZED].astype(np.float64),
    )


def _moments(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Mean, sample deviation, skew and kurtosis of daily returns, from the sums of their powers."""
    days = sums[:, columns.DAYS]
    one, two, three, four = (_over(sums[:, power], days) for power in range(columns.SUM_1, columns.SUM_4 + 1))
    variance = np.maximum(two - one**2, 0.0)
    deviation = np.sqrt(_over(variance * days, days - 1))
    third = three - 3 * one * two + 2 * one**3
    fourth = four - 4 * one * three + 6 * one**2 * two - 3 * one**4
    flat = variance > 1e-24
    spread = np.where(flat, variance, np.nan)
    return one, deviation, third / spread**1.5, fourth / spread**2


def _over(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> FloatArray:
    """Quotients, NaN where there is nothing to divide by."""
    return np.divide(numerator, denominator, out=np.full_like(denominator, np.nan), where=denominator > 1e-15)
