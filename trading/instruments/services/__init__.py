"""Changing the instrument master, the calendar and the session table."""

from .calendar import calendar_load
from .halts import trading_halt
from .imports import instruments_import

__all__ = ["calendar_load", "instruments_import", "trading_halt"]
