"""How many strategies were stopped, and for what, in all processes of the house: for its operator."""

import logging
from enum import StrEnum

logger = logging.getLogger(__name__)


class Stop(StrEnum):
    """Why a strategy's process was ended, or a hook of it."""

    TIME = "time"
    PROCESSOR = "processor"
    MEMORY = "memory"
    QUESTIONS = "questions"
    NONSENSE = "nonsense"
    ENDED = "ended"
    NOT_STARTED = "not_started"


_NAME = "strategies:stops:{}"


def stop_count(stop: Stop) -> None:
    """Count one. Without the shared store it is a line of the log alone."""
    # Strategies' own processes load this package, and have no use for the store and what it needs.
    from core.errors import Unavailable
    from core.store import get_store

    logger.warning("a strategy was stopped", extra={"why": stop})
    try:
        get_store().incr(_NAME.format(stop))
    except Unavailable:
        logger.warning("a stopped strategy was not counted")


def stops_counted() -> dict[Stop, int]:
    """How many so far, since the shared store was last empty. Raises Unavailable."""
    from core.store import get_store

    found = get_store().mget(_NAME.format(stop) for stop in Stop)
    return {stop: int(count or 0) for stop, count in zip(Stop, found, strict=True)}
