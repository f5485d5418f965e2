"""Halting the market, or one instrument."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from ..domain.sessions import exchange_date
from ..models import Instrument, TradingHalt
from ..process_cache import forget_reference_data_on_commit


@transaction.atomic
def trading_halt(
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    level: Decimal | None = None,
    instrument: Instrument | None = None,
) -> None:
    """Stop matching and new orders from `starts_at` until `ends_at` (market time), everywhere or in one instrument.

    A circuit breaker's `level` halts the market once a day, however many processes see it reached.
    """
    halt = TradingHalt(
        instrument=instrument,
        level=level,
        day=exchange_date(starts_at),
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason[:200],
    )
    TradingHalt.objects.bulk_create([halt], ignore_conflicts=True)
    forget_reference_data_on_commit()
