"""What each figure is called, how it is written, and what it tells, in one catalogue for pages, API and exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from math import isfinite

from . import needs
from .needs import Need, Sample
from .report import PerformanceReport

Value = float | int | Fraction | timedelta | None


class Unit(StrEnum):
    """How a value is written. FRACTION is shown per cent, PAISE in rupees."""

    FRACTION = "FRACTION"
    RATIO = "RATIO"
    PAISE = "PAISE"
    COUNT = "COUNT"
    DAYS = "DAYS"
    DURATION = "DURATION"


class Group(StrEnum):
    """Where a figure stands on a page."""

    RETURN = "Return"
    RISK = "Risk"
    TRADES = "Trades"
    INDEX = "Against the index"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `is_signed` ones are coloured as gain or loss.

    `needs` are asked in order; the first that is not met says why the figure is not told. `otherwise` says it where
    all are met and there is still no number. `sample` tells of how little the figure is.
    """

    key: str
    title: str
    group: Group
    unit: Unit
    explanation: str
    read: Callable[[PerformanceReport], Value]
    is_signed: bool = False
    is_headline: bool = False
    needs: tuple[Need, ...] = ()
    sample: Sample | None = None
    otherwise: str = "not known"


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure as one report tells it: `value` is None where it has no meaning there, and `note` says why.

    Beside a value the note says of how little it is, where it is little.
    """

    figure: Figure
    value: Value
    note: str = ""


_R, _K, _T, _I = Group.RETURN, Group.RISK, Group.TRADES, Group.INDEX
_F, _X, _P = Unit.FRACTION, Unit.RATIO, Unit.PAISE
_SPREAD, _YEARLY, _TAIL = (needs.enough_moves,), (needs.a_quarter,), (needs.a_tail,)
_MOVE, _TRADE, _DAYS, _FEW = (needs.some_move,), (needs.a_trade,), needs.by_days, needs.by_trades
_FLAT, _SAFE, _INDEX_FLAT = "returns never varied", "no day below risk-free", "the index never moved"

FIGURES: tuple[Figure, ...] = (
    Figure("net_return", "Net return", _R, _F,
        "Time-weighted: daily returns compounded, blind to deposits and withdrawals, after all charges.",
        lambda r: r.returns.total, True, True),
    Figure("net_pnl", "Net P&L", _R, _P, "What worth grew by beyond what was paid in, after charges.",
        lambda r: r.money.net_paise, True, True),
    Figure("charges", "Charges", _R, _P, "Brokerage, taxes and fees of the span.",
        lambda r: r.money.charges_paise, False, True),
    Figure("charges_share", "Eaten by charges", _R, _F, "Charges as a part of the gross profit.",
        lambda r: r.money.charges_share, needs=(needs.a_gross_profit,)),
    Figure("cagr", "CAGR", _R, _F,
        "The yearly rate that compounds to the net return, told of a quarter of a year and more.",
        lambda r: r.returns.annual, True, needs=_YEARLY, sample=_DAYS),
    Figure("money_weighted", "Money-weighted", _R, _F,
        "XIRR: the yearly rate at which all deposits, withdrawals and the final worth balance.",
        lambda r: r.returns.money_weighted, True, needs=_YEARLY, sample=_DAYS, otherwise="no rate fits the flows"),
    Figure("best_day", "Best day", _R, _F, "The highest daily return.",
        lambda r: r.returns.best_day, True, needs=_MOVE),
    Figure("worst_day", "Worst day", _R, _F, "The lowest daily return.",
        lambda r: r.returns.worst_day, True, needs=_MOVE),
    Figure("positive_days", "Days up", _R, _F, "Days that gained among those that moved.",
        lambda r: r.returns.positive_days, needs=_MOVE),
    Figure("sharpe", "Sharpe", _K, _X,
        "Mean return above the risk-free rate by its sample deviation, a year. Above 1 is good, above 2 rare.",
        lambda r: r.risk.sharpe, False, True, needs=_SPREAD, sample=_DAYS, otherwise=_FLAT),
    Figure("sortino", "Sortino", _K, _X, "As Sharpe, but only returns below the risk-free rate count as risk.",
        lambda r: r.risk.sortino, False, True, needs=_SPREAD, sample=_DAYS, otherwise=_SAFE),
    Figure("calmar", "Calmar", _K, _X, "CAGR by the deepest drawdown.",
        lambda r: r.risk.calmar, needs=(*_YEARLY, needs.a_fall), sample=_DAYS),
    Figure("omega", "Omega", _K, _X, "Gains above the risk-free rate by losses below it; above 1 gains prevail.",
        lambda r: r.risk.omega, needs=_SPREAD, sample=_DAYS, otherwise=_SAFE),
    Figure("volatility", "Volatility", _K, _F, "Sample deviation of daily returns, a year.",
        lambda r: r.risk.volatility, needs=_SPREAD, sample=_DAYS),
    Figure("downside_deviation", "Downside deviation", _K, _F,
        "Root mean square of what days fell short of the risk-free rate.",
        lambda r: r.risk.downside_deviation, needs=_SPREAD, sample=_DAYS),
    Figure("max_drawdown", "Max drawdown", _K, _F, "The deepest fall from a peak.",
        lambda r: r.risk.max_drawdown, True, True),
    Figure("longest_drawdown", "Longest drawdown", _K, Unit.DAYS,
        "Calendar days from a peak until it was reached again.",
        lambda r: r.risk.longest_drawdown_days),
    Figure("value_at_risk", "VaR, a day", _K, _F,
        "Historical: at the confidence of the conventions no day lost more than this.",
        lambda r: r.risk.value_at_risk, True, needs=_TAIL, sample=_DAYS),
    Figure("conditional_value_at_risk", "CVaR, a day", _K, _F, "The mean of the days at and beyond the VaR.",
        lambda r: r.risk.conditional_value_at_risk, True, needs=_TAIL, sample=_DAYS),
    Figure("trades", "Trades", _T, Unit.COUNT, "Round trips: units opened and closed again, first in, first out.",
        lambda r: r.trades.trades, False, True),
    Figure("win_rate", "Win rate", _T, _F, "Trades with a gain after charges, of all.",
        lambda r: r.trades.win_rate, False, True, needs=_TRADE, sample=_FEW),
    Figure("profit_factor", "Profit factor", _T, _X, "All that was won by all that was lost.",
        lambda r: r.trades.profit_factor, False, True, needs=(needs.a_loss,), sample=_FEW),
    Figure("expectancy", "Expectancy", _T, _P, "What a trade brought on average, after charges.",
        lambda r: r.trades.expectancy_paise, True, needs=_TRADE, sample=_FEW),
    Figure("payoff", "Payoff", _T, _X, "The mean win by the mean loss.",
        lambda r: r.trades.payoff, needs=(needs.wins_and_losses,), sample=_FEW),
    Figure("best_trade", "Best trade", _T, _P, "The highest net result of one trade.",
        lambda r: r.trades.best_paise, True, needs=_TRADE),
    Figure("worst_trade", "Worst trade", _T, _P, "The lowest net result of one trade.",
        lambda r: r.trades.worst_paise, True, needs=_TRADE),
    Figure("longest_wins", "Longest winning run", _T, Unit.COUNT, "Most trades won one after another.",
        lambda r: r.trades.longest_wins, needs=_TRADE),
    Figure("longest_losses", "Longest losing run", _T, Unit.COUNT, "Most trades lost one after another.",
        lambda r: r.trades.longest_losses, needs=_TRADE),
    Figure("mean_held", "Mean holding time", _T, Unit.DURATION, "From entry to exit, on average.",
        lambda r: r.trades.mean_held, needs=_TRADE),
    Figure("exposure", "Exposure", _T, _F, "The part of market time in which anything was open.",
        lambda r: r.exposure),
    Figure("turnover", "Turnover", _T, _X, "The value of all purchases and sales in mean worths.",
        lambda r: r.turnover),
    Figure("index_return", "Index", _I, _F, "The index over the same days.", lambda r: r.index.total, True),
    Figure("beta", "Beta", _I, _X, "How far returns follow the index: covariance by its variance.",
        lambda r: r.index.beta, needs=_SPREAD, sample=_DAYS, otherwise=_INDEX_FLAT),
    Figure("alpha", "Alpha", _I, _F, "The yearly return that beta does not explain (Jensen).",
        lambda r: r.index.alpha, True, needs=(*_SPREAD, *_YEARLY), sample=_DAYS, otherwise=_INDEX_FLAT),
    Figure("correlation", "Correlation", _I, _X, "Pearson's, of daily returns with the index.",
        lambda r: r.index.correlation, needs=_SPREAD, sample=_DAYS, otherwise=_INDEX_FLAT),
)  # fmt: skip


def tile(figure: Figure, report: PerformanceReport) -> Tile:
    """A figure as a report may tell it."""
    if refused := next((why for need in figure.needs if (why := need(report))), ""):
        return Tile(figure, None, refused)
    value = figure.read(report)
    if value is None or (not isinstance(value, timedelta) and not isfinite(value)):
        return Tile(figure, None, figure.otherwise)
    return Tile(figure, value, figure.sample(report) if figure.sample else "")


def tiles(report: PerformanceReport, group: Group | None = None) -> tuple[Tile, ...]:
    """The figures of a group, or the headlines, with their values; those of the index only where there is one."""
    wanted = (each for each in FIGURES if (each.is_headline if group is None else each.group is group))
    return tuple(tile(each, report) for each in wanted if each.group is not _I or report.index.name)
