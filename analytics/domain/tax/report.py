"""A financial year by head, with turnover as the ICAI counts it and tax where a rate is fixed by law."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.domain.calendar import IST

from .classify import Head, TaxTrade
from .rates import GainsRate, Term, financial_year, held_longer, rate_on, year_span


@dataclass(frozen=True, slots=True)
class BusinessHead:
    """Speculative or non-speculative business of a year, in paise.

    `turnover_paise` is the sum of all differences, favourable and adverse (ICAI, Guidance Note on Tax Audit under
    s. 44AB, 8th edition 2022, para 5.14): results before charges, each without its sign. `result_paise` is after
    charges, STT among them (s. 36(1)(xv)).
    """

    trades: int
    profit_paise: int
    loss_paise: int
    charges_paise: int
    turnover_paise: int

    @property
    def result_paise(self) -> int:
        """Gross profits less gross losses less charges."""
        return self.profit_paise - self.loss_paise - self.charges_paise


@dataclass(frozen=True, slots=True)
class Gain:
    """One delivered sale. `rate` is the fraction in force on its day; None where none is known."""

    trade: TaxTrade
    term: Term
    rate: Decimal | None

    @property
    def gain_paise(self) -> int:
        return self.trade.result_paise


@dataclass(frozen=True, slots=True)
class GainsHead:
    """Capital gains of a term in a year, in paise.

    `by_rate` are net gains at each rate, highest first. Losses are set off within the term against the gains of the
    highest rate; the year's exemption is then used likewise. `tax_paise` is before surcharge, cess, rebate and what
    is carried from other years or terms.
    """

    term: Term
    trades: int
    sales_paise: int
    net_paise: int
    exemption_paise: int
    taxable_paise: int
    tax_paise: int
    by_rate: tuple[tuple[Decimal, int], ...]


@dataclass(frozen=True, slots=True)
class TaxReport:
    """What a resident declares of a financial year (named by the year in which it begins). No advice."""

    year: int
    speculative: BusinessHead
    business: BusinessHead
    short_term: GainsHead
    long_term: GainsHead
    gains: tuple[Gain, ...]
    dividends_paise: int

    @property
    def label(self) -> str:
        """As people name it: `2026-27`."""
        return f"{self.year}-{(self.year + 1) % 100:02d}"

    @property
    def turnover_paise(self) -> int:
        """Of both businesses, which a limit for a tax audit is held against."""
        return self.speculative.turnover_paise + self.business.turnover_paise


def tax_report(
    year: int, trades: Iterable[TaxTrade], rates: Sequence[GainsRate], *, dividends_paise: int = 0
) -> TaxReport:
    """The report of the trades that were closed in a financial year (Indian dates, April to March)."""
    mine = [each for each in trades if financial_year(each.trip.closed_at.astimezone(IST).date()) == year]
    gains = tuple(_gain(each, rates) for each in mine if each.head is Head.GAINS)
    return TaxReport(
        year=year,
        speculative=_business(each for each in mine if each.head is Head.SPECULATIVE),
        business=_business(each for each in mine if each.head is Head.BUSINESS),
        short_term=_gains(year, Term.SHORT, gains, rates),
        long_term=_gains(year, Term.LONG, gains, rates),
        gains=gains,
        dividends_paise=dividends_paise,
    )


def _business(trades: Iterable[TaxTrade]) -> BusinessHead:
    found = list(trades)
    gross = [round(each.trip.gross_paise) for each in found]
    return BusinessHead(
        trades=len(found),
        profit_paise=sum(each for each in gross if each > 0),
        loss_paise=-sum(each for each in gross if each < 0),
        charges_paise=sum(each.trip.charges_paise for each in found),
        turnover_paise=sum(abs(each) for each in gross),
    )


def _gain(trade: TaxTrade, rates: Sequence[GainsRate]) -> Gain:
    bought, sold = (at.astimezone(IST).date() for at in (trade.trip.opened_at, trade.trip.closed_at))
    long_rate = rate_on(rates, Term.LONG, sold)
    months = long_rate.held_months if long_rate else 12
    term = Term.LONG if held_longer(bought, sold, months) else Term.SHORT
    rate = rate_on(rates, term, sold)
    return Gain(trade, term, rate.rate if rate else None)


def _gains(year: int, term: Term, gains: Sequence[Gain], rates: Sequence[GainsRate]) -> GainsHead:
    mine = [each for each in gains if each.term is term]
    at_end = rate_on(rates, term, year_span(year)[1])
    exemption = int(at_end.exemption * 100) if at_end else 0
    by_rate: dict[Decimal, int] = {}
    for each in mine:
        rate = each.rate or Decimal(0)
        by_rate[rate] = by_rate.get(rate, 0) + each.gain_paise
    parts = sorted(by_rate.items(), reverse=True)
    net = sum(paise for _, paise in parts)
    left = _set_off(parts, min(exemption, max(net, 0)))
    return GainsHead(
        term=term,
        trades=len(mine),
        sales_paise=round(sum((_sale(each.trade) for each in mine), Decimal(0))),
        net_paise=net,
        exemption_paise=exemption,
        taxable_paise=sum(paise for _, paise in left),
        tax_paise=round(sum((rate * paise for rate, paise in left), Decimal(0))),
        by_rate=tuple(parts),
    )


def _sale(trade: TaxTrade) -> Decimal:
    """What was received; of shares sold short, which delivery forbids, what was sold first."""
    trip = trade.trip
    return (trip.exit_price if trip.quantity > 0 else trip.entry_price) * abs(trip.quantity) * 100


def _set_off(parts: Sequence[tuple[Decimal, int]], exemption: int) -> list[tuple[Decimal, int]]:
    """Gains left at each rate once losses and the exemption have been taken off, from the highest rate down."""
    off = exemption - sum(paise for _, paise in parts if paise < 0)
    left = []
    for rate, paise in parts:
        if paise <= 0:
            continue
        used = min(paise, off)
        off -= used
        left.append((rate, paise - used))
    return left
