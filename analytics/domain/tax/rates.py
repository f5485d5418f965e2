"""Rates by date, and what is long-term."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Term(StrEnum):
    """How long shares were held: up to the months that the rate says, or longer."""

    SHORT = "SHORT"
    LONG = "LONG"


@dataclass(frozen=True, slots=True)
class GainsRate:
    """The tax on gains of a term for sales from a day on; `rate` a fraction, `exemption` rupees a year."""

    term: Term
    valid_from: date
    rate: Decimal
    exemption: Decimal
    held_months: int
    source: str


def rate_on(rates: Iterable[GainsRate], term: Term, day: date) -> GainsRate | None:
    """The row in force on a day; None before the first."""
    known = [rate for rate in rates if rate.term is term and rate.valid_from <= day]
    return max(known, key=lambda rate: rate.valid_from, default=None)


def held_longer(bought: date, sold: date, months: int) -> bool:
    """Whether shares were held for more than so many months: sold after the same day of the last month."""
    total = bought.year * 12 + bought.month - 1 + months
    year, month = divmod(total, 12)
    return sold > _clipped(year, month + 1, bought.day)


def financial_year(day: date) -> int:
    """The year in which the financial year (April to March) of a day begins."""
    return day.year if day.month >= 4 else day.year - 1


def year_span(year: int) -> tuple[date, date]:
    """First and last day of the financial year that begins in April of `year`."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def _clipped(year: int, month: int, day: int) -> date:
    """The day, or the month's last where it has none such."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
