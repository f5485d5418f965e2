"""Instruments, calendar, bands and halts. Shared by all organisations."""

from .calendar import CalendarDay, SessionRule
from .corporate_action import CorporateAction
from .imports import ImportRun, RejectedRow
from .instrument import DERIVATIVE_TYPES, OPTION_TYPES, BrokerToken, Instrument, InstrumentType, Source
from .limits import BandRule, BreakerRule, TradingHalt

__all__ = [
    "DERIVATIVE_TYPES",
    "OPTION_TYPES",
    "BandRule",
    "BreakerRule",
    "BrokerToken",
    "CalendarDay",
    "CorporateAction",
    "ImportRun",
    "Instrument",
    "InstrumentType",
    "RejectedRow",
    "SessionRule",
    "Source",
    "TradingHalt",
]
