"""Instruments, calendar, bands and halts. Shared by all organisations."""

from .action_notice import ActionNotice
from .calendar import CalendarDay, SessionRule
from .corporate_action import CorporateAction
from .imports import ImportRun, RejectedRow
from .instrument import DERIVATIVE_TYPES, OPTION_TYPES, BrokerToken, Instrument, InstrumentType, Source
from .limits import BandRule, BreakerRule, TradingHalt

__all__ = [
    "DERIVATIVE_TYPES",
    "OPTION_TYPES",
    "ActionNotice",
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
