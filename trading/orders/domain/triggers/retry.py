"""When a refused exit is tried again."""

from datetime import datetime, timedelta

# Then each minute, while the session is open. Nobody's stop is given up: it ends with its position or its trader.
RETRY_SECONDS = (1, 5, 15, 60)


def next_attempt_at(attempts: int, at: datetime) -> datetime:
    """The time of the next attempt, after `attempts` (1 or more) have been refused, the last one at `at`."""
    return at + timedelta(seconds=RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1])
