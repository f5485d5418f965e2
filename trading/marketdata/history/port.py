"""What a source of history must offer."""

from datetime import date
from typing import Protocol

from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import BarSeries
from trading.marketdata.services import DailyValues


class HistorySource(Protocol):
    """Candles of the past, asked for one instrument and one day at a time.

    A source that cannot be reached raises `core.errors.Unavailable`, and is asked again later. What it has nothing
    of, it answers with nothing. It need not respect sessions or be free of faults: the caller checks.
    """

    requests_per_second: float
    """How often it may be asked; 0 is without limit."""

    def minutes(self, instrument: Instrument, on: date) -> BarSeries:
        """One-minute bars of an Indian date, ascending; empty when it has none."""

    def day(self, instrument: Instrument, on: date) -> DailyValues | None:
        """The day's bar, None when it has none."""
