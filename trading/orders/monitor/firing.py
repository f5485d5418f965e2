"""Firing what was found, leg by leg: the trouble of one keeps no other from firing."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError

from core.errors import SaudaError
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.progress import Overfilled
from trading.orders.domain.states import IllegalMove
from trading.orders.domain.triggers.states import IllegalTriggerMove
from trading.orders.services.triggers import trigger_fire

from .book import Crossing

logger = logging.getLogger(__name__)

TROUBLE = (SaudaError, IllegalMove, IllegalTriggerMove, Overfilled, DatabaseError)


def fire(crossing: Crossing, quote: Quote) -> bool:
    """Fire one leg in its own transaction; False when that failed, which is logged with the leg's id."""
    return guarded(
        lambda: trigger_fire(
            leg_id=crossing.leg_id, account_id=crossing.account_id, quote=quote, peak=crossing.peak
        ),
        "trigger could not be fired",
        crossing.leg_id,
    )


def guarded(work: Callable[[], object], what: str, about: UUID) -> bool:
    """Do one piece of a sweep; trouble with one row is logged for an operator, and the next one is looked at."""
    try:
        work()
    except TROUBLE:
        logger.exception(what, extra={"about": str(about)})
        return False
    return True
