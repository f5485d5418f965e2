"""Changing the instrument master, the calendar and the session table."""

from .calendar import calendar_load

__all__ = ["calendar_load"]
