"""What portfolio does by the clock. Each finds its work in the rows, so a run too many or too few is harmless."""

from celery import shared_task

from core.tenancy import system_scope
from trading.portfolio.services import margins_refresh


@shared_task(name="portfolio.refresh_margins", ignore_result=True)
def refresh_margins() -> int:
    """Mark the margin of futures and options at the prices of now; returns how many blocks were posted anew."""
    with system_scope():
        return margins_refresh()
