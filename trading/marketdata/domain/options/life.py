"""How long an option has to live."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

_IST = ZoneInfo("Asia/Kolkata")
_EXPIRES_AT = time(15, 30)
SECONDS_PER_YEAR = 365 * 86_400.0


def expires_at(expiry: date) -> datetime:
    """The end of a contract's last session."""
    return datetime.combine(expiry, _EXPIRES_AT, tzinfo=_IST)


def years_to(expiry: date, at: datetime) -> float:
    """Years of 365 days from a moment to the end of a contract's last session; zero after it."""
    return max((expires_at(expiry) - at).total_seconds(), 0.0) / SECONDS_PER_YEAR
