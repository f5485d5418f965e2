"""When the use of a limit on losses is worth telling."""

from decimal import Decimal

# Per cent of a limit; each is told when it is reached.
LEVELS = (50, 80, 100)
# So far below a level (points of per cent) the use must fall before reaching it again is news.
HYSTERESIS = 10


def use_percent(used: Decimal, limit: Decimal) -> Decimal:
    """Per cent of the limit in use. Of a limit of nothing, any loss is all of it."""
    if limit <= 0:
        return Decimal(100) if used > 0 else Decimal(0)
    return max(used, Decimal(0)) * 100 / limit


def level_after(level: int, percent: Decimal) -> int:
    """The level that stands once `percent` of the limit is in use, from the one that stood before (0 for none).

    It rises as soon as one of `LEVELS` is reached, and falls only when the use is `HYSTERESIS` points below it.
    """
    reached = _highest(percent)
    return max(reached, min(level, _highest(percent + HYSTERESIS)))


def _highest(percent: Decimal) -> int:
    return max((level for level in LEVELS if level <= percent), default=0)
