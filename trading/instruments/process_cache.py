"""Reference data that every process may remember for a while: it is read on every order and changes daily."""

from core.cache import CacheGroup

CHANNEL = "reference"

REFERENCE = CacheGroup(CHANNEL)
"""Instruments, calendars, rules and rates: a `Cache` over them names this as its group."""


def forget_reference_data() -> None:
    """Forget every instrument, calendar and session in this process, after they changed."""
    REFERENCE.forget()


def forget_reference_data_on_commit() -> None:
    """Forget them here at once, and in every process when the change is committed."""
    REFERENCE.forget_on_commit()
