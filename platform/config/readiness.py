"""Readiness of parts that the kernel knows nothing about."""

from django.conf import settings

from core.clock import wall_now
from core.errors import Unavailable
from trading.marketdata.selectors import feed_status


def check_feed() -> None:
    """Some feed reports, and is live or rightly quiet. Raises Unavailable otherwise."""
    status = feed_status()
    if status is None:
        raise Unavailable("no feed has reported yet")
    if not status.is_healthy(wall_now(), settings.QUOTE_STALE_AFTER):
        raise Unavailable(
            f"feed {status.source} is {status.state_at(wall_now(), settings.QUOTE_STALE_AFTER).lower()}"
        )
