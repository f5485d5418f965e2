"""Which source priced which contract on which day: kept as it is asked for, told in the result."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_MOST_NAMED = 300


class PriceSource(StrEnum):
    """Where a contract's bars of a day come from, best first."""

    STORED = "stored"
    """Its own bars."""
    CLOSES = "closes"
    """The model, at the volatility that its own last daily close before implied."""
    MODEL = "model"
    """The model alone."""


_WORDS = {
    PriceSource.STORED: "Priced by their own stored bars",
    PriceSource.CLOSES: "Modelled within the day, at the volatility implied by their own last bhavcopy close",
    PriceSource.MODEL: "Modelled, without any price of their own",
}


@dataclass(slots=True)
class SourceBook:
    """Days by source and contract."""

    days: dict[PriceSource, dict[str, set[date]]] = field(default_factory=dict)

    def add(self, source: PriceSource, symbol: str, day: date) -> None:
        """This source has priced this contract on this day."""
        self.days.setdefault(source, {}).setdefault(symbol, set()).add(day)

    def modelled_share(self, symbols: Set[str]) -> float | None:
        """Which share of the days of these contracts the model priced; None where none of them was priced."""
        counts = {
            source: sum(len(days) for symbol, days in self.days.get(source, {}).items() if symbol in symbols)
            for source in PriceSource
        }
        total = sum(counts.values())
        return (total - counts[PriceSource.STORED]) / total if total else None

    def notes(self, symbols: frozenset[str] | None = None) -> list[str]:
        """A line a source: on how many days of contracts, and each contract with its span; of these symbols alone,
        if given."""
        lines = []
        for source in PriceSource:
            found = {
                symbol: days
                for symbol, days in sorted(self.days.get(source, {}).items())
                if symbols is None or symbol in symbols
            }
            if found:
                total = sum(map(len, found.values()))
                lines.append(f"{_WORDS[source]} on {total} days of contracts: {_named(found)}.")
        return lines


def _named(found: dict[str, set[date]]) -> str:
    names = [f"{symbol} ({_span(days)})" for symbol, days in list(found.items())[:_MOST_NAMED]]
    rest = len(found) - len(names)
    return ", ".join(names) + (f", and {rest} more" if rest else "")


def _span(days: set[date]) -> str:
    first, last = min(days), max(days)
    return f"{first:%d %b %Y}" if first == last else f"{first:%d %b} to {last:%d %b %Y}"
