"""What a resident declares, read from accounts' books."""

from heapq import merge

from analytics.domain.tax.classify import Declared
from analytics.domain.tax.rates import financial_year, year_span
from analytics.domain.tax.report import TaxReport, tax_report
from analytics.models import CapitalGainsRate
from analytics.selectors.history import History
from core import clock
from trading.portfolio.domain.position_events import PositionEventKind


def declared_of(history: History) -> Declared:
    """All trades of a history by head."""
    contracts = frozenset(each.pk for each in history.instruments.values() if each.underlying)
    of_accounts = [fold.declared(contracts) for fold in history.folds]
    trades = merge(*(each.trades for each in of_accounts), key=lambda trade: trade.trip.closed_at)
    return Declared(tuple(trades), tuple(units for each in of_accounts for units in each.held))


def tax_of(history: History, year: int) -> TaxReport:
    """The report of a financial year, named by the calendar year in which it begins."""
    first, last = year_span(year)
    dividends = sum(
        line.value_paise
        for line in history.lines
        if line.kind == PositionEventKind.DIVIDEND and first <= line.day <= last
    )
    rates = [row.domain for row in CapitalGainsRate.objects.all()]
    return tax_report(year, declared_of(history).trades, rates, dividends_paise=dividends)


def tax_years(history: History) -> list[int]:
    """The financial years with anything in them, newest first; always this one."""
    this = financial_year(clock.trading_date())
    return sorted({financial_year(day) for day in history.days} | {this}, reverse=True)
