"""Keeping the peaks of trailing stops, so that a restart loses at most a second of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from trading.orders.domain.triggers.states import Direction, LegStatus
from trading.orders.models import TriggerLeg

# Thousands of stops may move in one second, so they are sent as one statement with many parameters.
_FOLLOW = (
    f"UPDATE {TriggerLeg._meta.db_table} SET peak_price = %s, trigger_price = %s "
    f"WHERE id = %s AND status = '{LegStatus.ARMED}' AND peak_price {{worse}} %s"
)
_BELOW, _ABOVE = _FOLLOW.format(worse="<"), _FOLLOW.format(worse=">")


@dataclass(frozen=True, slots=True)
class Peak:
    """The best price seen for a trailing leg, and where its stop has followed to (rupees)."""

    direction: Direction
    peak_price: Decimal
    trigger_price: Decimal


def peaks_keep(peaks: Mapping[UUID, Peak]) -> None:
    """Write what trailing legs have reached. For the monitor and the sweep, in a system scope.

    Both may hold a peak that the other has passed already, so a row only ever moves in its own favour; a leg that
    has fired keeps what it fired on. No account is locked: nothing but these columns is touched.
    """
    for direction, statement in ((Direction.BELOW, _BELOW), (Direction.ABOVE, _ABOVE)):
        rows = [_parameters(leg_id, peak) for leg_id, peak in peaks.items() if peak.direction is direction]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(statement, rows)


def _parameters(leg_id: UUID, peak: Peak) -> tuple[Any, ...]:
    meta = TriggerLeg._meta
    best = meta.get_field("peak_price").get_db_prep_save(peak.peak_price, connection)
    stop = meta.get_field("trigger_price").get_db_prep_save(peak.trigger_price, connection)
    return (best, stop, meta.pk.get_db_prep_save(leg_id, connection), best)
