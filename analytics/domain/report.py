"""Everything that is said about a history of worth and trades, in one value: an account's or a backtest's alike.

`performance_report` is the only maker. Fractions are floats (0.01 is one per cent), NaN where a figure has no
meaning; money is whole paise. `figures.py` says what each figure means, `templates/components/performance/` shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from . import ratios
from .activity import turnover_ratio
from .calendar import Bucket, DayResult, YearOfMonths, by_hour, by_weekday, monthly_table, net_in_paise
from .conventions import Conventions
from .distribution import Bin, histogram
from .drawdowns import drawdowns, max_drawdown, underwater
from .equity import EquitySeries
from .returns import FloatArray, annual_return, cumulative, money_weighted, total_return
from .round_trips import RoundTrip
from .trade_figures import TradeFigures, trade_figures

NAN = float("nan")
DEEPEST = 5


@dataclass(frozen=True, slots=True)
class ReturnFigures:
    """Of daily time-weighted returns; `money_weighted` is a yearly rate over the real cash flows.

    `moved_days` counts the days that had a return at all.
    """

    total: float
    annual: float
    money_weighted: float
    best_day: float
    worst_day: float
    positive_days: float
    moved_days: int


@dataclass(frozen=True, slots=True)
class RiskFigures:
    """`value_at_risk` and its mean beyond are of one day at the conventions' confidence; losses are negative."""

    volatility: float
    sharpe: float
    sortino: float
    calmar: float
    omega: float
    downside_deviation: float
    max_drawdown: float
    longest_drawdown_days: int
    value_at_risk: float
    conditional_value_at_risk: float


@dataclass(frozen=True, slots=True)
class IndexFigures:
    """Against an index on the same days; all NaN without one."""

    name: str = ""
    total: float = NAN
    beta: float = NAN
    alpha: float = NAN
    correlation: float = NAN


@dataclass(frozen=True, slots=True)
class MoneyFigures:
    """Of the whole span. `net_paise` is what worth grew by beyond what was paid in; flows of one day are netted."""

    opening_paise: int
    closing_paise: int
    paid_in_paise: int
    paid_out_paise: int
    net_paise: int
    charges_paise: int

    @property
    def gross_paise(self) -> int:
        """The result before charges."""
        return self.net_paise + self.charges_paise

    @property
    def charges_share(self) -> float:
        """The part of a gross profit that charges ate; NaN without a profit."""
        return self.charges_paise / self.gross_paise if self.gross_paise > 0 else NAN


@dataclass(frozen=True, slots=True)
class DrawdownSpan:
    """A fall by its dates; `recovered` is None while it lasts. `days` are calendar days until then, or so far."""

    peak: date
    trough: date
    recovered: date | None
    depth: float
    days: int


@dataclass(frozen=True, slots=True)
class EquityCurve:
    """By day: worth (paise), growth of one rupee, depth under its peak, and the growth of an index, if any."""

    days: tuple[date, ...]
    worth_paise: tuple[int, ...]
    flows_paise: tuple[int, ...]
    growth: tuple[float, ...]
    drawdown: tuple[float, ...]
    index: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class PerformanceReport:
    """One history, told. `exposure` is the part of market time with something open, `turnover` in mean worths.

    `return_bins` are of the days that moved: days at rest are neither gains nor losses.
    """

    conventions: Conventions
    curve: EquityCurve
    returns: ReturnFigures
    risk: RiskFigures
    index: IndexFigures
    money: MoneyFigures
    trades: TradeFigures
    exposure: float
    turnover: float
    drawdowns: tuple[DrawdownSpan, ...]
    months: tuple[YearOfMonths, ...]
    days: tuple[DayResult, ...]
    weekdays: tuple[Bucket, ...]
    hours: tuple[Bucket, ...]
    return_bins: tuple[Bin, ...]
    trade_bins: tuple[Bin, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no day to speak of."""
        return not self.curve.days


@dataclass(frozen=True, slots=True)
class Activity:
    """What the equity series does not know: charges, value traded (paise) and the part of market time in use."""

    charges_paise: int = 0
    traded_paise: int = 0
    exposure: float = NAN


@dataclass(frozen=True, slots=True)
class Index:
    """An index beside the series: its returns on the same days, zero where it did not trade."""

    name: str
    returns: FloatArray


def performance_report(
    series: EquitySeries,
    trips: Sequence[RoundTrip] = (),
    *,
    activity: Activity | None = None,
    conventions: Conventions | None = None,
    index: Index | None = None,
) -> PerformanceReport:
    """The report of a daily series and of the trades closed in it.

    `trips` in order of closing. Without `activity` charges and value traded are those of the trips. Raises
    ValueError where the index has other days than the series.
    """
    kept = conventions or Conventions()
    if index is not None and len(index.returns) != len(series.days):
        raise ValueError("the index has other days than the series")
    returns = series.returns
    done = activity or _activity(trips)
    falls = _drawdowns(series.days, returns)
    net = [net_in_paise(trip) for trip in trips]
    return PerformanceReport(
        conventions=kept,
        curve=_curve(series, returns, index),
        returns=_returns(series, returns, kept),
        risk=_risk(returns, falls, kept),
        index=_against(returns, index, kept),
        money=_money(series, done.charges_paise),
        trades=trade_figures(net, [trip.held for trip in trips]),
        exposure=done.exposure,
        turnover=turnover_ratio(done.traded_paise, series.worth_paise),
        drawdowns=tuple(sorted(falls, key=lambda fall: fall.depth)[:DEEPEST]),
        months=monthly_table(series.days, returns),
        days=tuple(map(DayResult, series.days, returns.tolist(), series.gains_paise.tolist())),
        weekdays=by_weekday(trips),
        hours=by_hour(trips),
        return_bins=histogram(returns[returns != 0]),
        trade_bins=histogram(np.array(net, dtype=np.float64) / 100.0),
    )


def _activity(trips: Sequence[RoundTrip]) -> Activity:
    traded = sum((abs(trip.quantity) * (trip.entry_price + trip.exit_price) * 100 for trip in trips), start=0)
    return Activity(charges_paise=sum(trip.charges_paise for trip in trips), traded_paise=round(traded))


def _curve(series: EquitySeries, returns: FloatArray, index: Index | None) -> EquityCurve:
    growth = cumulative(returns)
    return EquityCurve(
        days=series.days,
        worth_paise=tuple(series.worth_paise.tolist()),
        flows_paise=tuple(series.flows_paise.tolist()),
        growth=tuple(growth.tolist()),
        drawdown=tuple(underwater(np.concatenate(([1.0], growth)))[1:].tolist()),
        index=None if index is None else tuple(cumulative(index.returns).tolist()),
    )


def _returns(series: EquitySeries, returns: FloatArray, conventions: Conventions) -> ReturnFigures:
    moved = returns[returns != 0]
    return ReturnFigures(
        total=total_return(returns),
        annual=annual_return(returns, conventions.periods_per_year),
        money_weighted=money_weighted(*series.cash_flows()) if series.days else NAN,
        best_day=float(np.max(returns)) if len(returns) else NAN,
        worst_day=float(np.min(returns)) if len(returns) else NAN,
        positive_days=float(np.mean(moved > 0)) if len(moved) else NAN,
        moved_days=len(moved),
    )


def _risk(returns: FloatArray, falls: Sequence[DrawdownSpan], conventions: Conventions) -> RiskFigures:
    confidence = conventions.confidence
    return RiskFigures(
        volatility=ratios.volatility(returns, conventions),
        sharpe=ratios.sharpe(returns, conventions),
        sortino=ratios.sortino(returns, conventions),
        calmar=ratios.calmar(returns, conventions),
        omega=ratios.omega(returns, conventions),
        downside_deviation=ratios.downside_deviation(returns, conventions),
        max_drawdown=max_drawdown(returns),
        longest_drawdown_days=max((fall.days for fall in falls), default=0),
        value_at_risk=ratios.value_at_risk(returns, confidence),
        conditional_value_at_risk=ratios.conditional_value_at_risk(returns, confidence),
    )


def _against(returns: FloatArray, index: Index | None, conventions: Conventions) -> IndexFigures:
    if index is None:
        return IndexFigures()
    return IndexFigures(
        name=index.name,
        total=total_return(index.returns),
        beta=ratios.beta(returns, index.returns),
        alpha=ratios.alpha(returns, index.returns, conventions),
        correlation=ratios.correlation(returns, index.returns),
    )


def _money(series: EquitySeries, charges_paise: int) -> MoneyFigures:
    flows = series.flows_paise
    return MoneyFigures(
        opening_paise=series.opening_paise,
        closing_paise=int(series.worth_paise[-1]) if series.days else series.opening_paise,
        paid_in_paise=int(flows[flows > 0].sum()),
        paid_out_paise=-int(flows[flows < 0].sum()),
        net_paise=int(series.gains_paise.sum()),
        charges_paise=charges_paise,
    )


def _drawdowns(days: Sequence[date], returns: FloatArray) -> list[DrawdownSpan]:
    """Falls of the growth of one rupee, so that a withdrawal is none; it begins at one on the eve of the span."""
    found = []
    for fall in drawdowns(np.concatenate(([1.0], cumulative(returns)))):
        peak = days[max(fall.peak - 1, 0)]
        recovered = None if fall.recovered is None else days[fall.recovered - 1]
        until = recovered or days[-1]
        found.append(DrawdownSpan(peak, days[fall.trough - 1], recovered, fall.depth, (until - peak).days))
    return found
