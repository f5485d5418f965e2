"""Keeping the peaks of trailing stops, so that a restart loses at most a second of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, DecimalField, Value, When
from django.db.models.functions import Greatest, Least

from trading.orders.domain.triggers.states import Direction, LegStatus
from trading.orders.models import TriggerLeg

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Peak:
    """The best price seen for a trailing leg, and where its stop has followed to (rupees)."""

    direction: Direction
    peak_price: Decimal
    trigger_price: Decimal


def peaks_keep(peaks: Mapping[UUID, Peak]) -> None:
    """Write what trailing legs have reached, in few statements. For the monitor and the sweep, in a system scope.

    Both may hold a peak that the other has passed already, so a row only ever moves in its own favour; a leg that
    has fired keeps what it fired on. No lock is taken: nothing but these columns is touched.
    """
    for direction, best in ((Direction.BELOW, Greatest), (Direction.ABOVE, Least)):
        moved = [(leg_id, peak) for leg_id, peak in peaks.items() if peak.direction is direction]
        for start in range(0, len(moved), _BATCH):
            _write(moved[start : start + _BATCH], best)


def _write(moved: Sequence[tuple[UUID, Peak]], best: type[Greatest] | type[Least]) -> None:
    price = DecimalField(max_digits=14, decimal_places=4)
    values = {
        name: Case(*(When(id=leg_id, then=Value(getattr(peak, name), price)) for leg_id, peak in moved))
        for name in ("peak_price", "trigger_price")
    }
    rows = TriggerLeg.objects.filter(id__in=[leg_id for leg_id, _ in moved], status=LegStatus.ARMED)
    rows.exclude(peak_price=None).update(**{name: best(name, value) for name, value in values.items()})
