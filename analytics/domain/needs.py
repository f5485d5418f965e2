"""What a figure needs before it is told, and of how little it is told; the same rules for pages, API and files.

A ratio of a handful of days is arithmetic without a meaning: idle money alone has a Sortino of −√252. So a figure
of spread needs days on which worth moved, a yearly rate a quarter of a year (GIPS would have a whole one), a tail
as many days as put one beyond it.
"""

from collections.abc import Callable
from math import ceil

from .report import PerformanceReport

# Why a report cannot tell a figure; empty where it can.
Need = Callable[[PerformanceReport], str]
# Of how little a figure is told; empty where that is a matter of course.
Sample = Callable[[PerformanceReport], str]

FEWEST_MOVES = 20
FEW_TRADES = 30
_QUARTERS = 4


def some_move(report: PerformanceReport) -> str:
    """A day on which worth moved."""
    return "" if report.returns.moved_days else "no day moved"


def enough_moves(report: PerformanceReport) -> str:
    """So many days on which worth moved that their spread says something."""
    moved = report.returns.moved_days
    return some_move(report) or _lack(moved, FEWEST_MOVES, f"{_days(moved)} moved")


def a_quarter(report: PerformanceReport) -> str:
    """Days of a quarter, before anything is compounded to a year."""
    days = len(report.days)
    return _lack(days, report.conventions.periods_per_year // _QUARTERS, _days(days))


def a_tail(report: PerformanceReport) -> str:
    """So many days that one of them may lie beyond the confidence, and as many moves as a spread needs."""
    days = len(report.days)
    # 1 / (1 - 0.95) is a little more than twenty in floats.
    least = ceil(1.0 / (1.0 - report.conventions.confidence) - 1e-9)
    return enough_moves(report) or _lack(days, least, _days(days))


def a_trade(report: PerformanceReport) -> str:
    """A closed trade."""
    return "" if report.trades.trades else "no closed trade"


def wins_and_losses(report: PerformanceReport) -> str:
    """A trade that was won and one that was lost."""
    return a_trade(report) or ("" if report.trades.wins else "no trade won") or a_loss(report)


def a_loss(report: PerformanceReport) -> str:
    """A trade that was lost."""
    return a_trade(report) or ("" if report.trades.losses else "no trade lost")


def a_fall(report: PerformanceReport) -> str:
    """A fall below a peak."""
    return "" if report.drawdowns else "never below a peak"


def a_gross_profit(report: PerformanceReport) -> str:
    """A profit before charges that is at least as large as they are: a part of it is at most the whole."""
    gross, charges = report.money.gross_paise, report.money.charges_paise
    if gross <= 0:
        return "no gross profit"
    return "more than the gross profit" if charges > gross else ""


def by_days(report: PerformanceReport) -> str:
    """How many days stand for a year, where it is less than one."""
    days = len(report.days)
    return f"of {_days(days)}" if days < report.conventions.periods_per_year else ""


def by_trades(report: PerformanceReport) -> str:
    """How many trades a mean is of, where they are few."""
    trades = report.trades.trades
    return f"of {trades} {'trade' if trades == 1 else 'trades'}" if trades < FEW_TRADES else ""


def _lack(found: int, least: int, told: str) -> str:
    return "" if found >= least else f"{told}, {least} needed"


def _days(count: int) -> str:
    return f"{count} {'day' if count == 1 else 'days'}"
