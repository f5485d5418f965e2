"""What is marked on bars: the caller's own fills, and what companies did to their shares."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.domain.actor import Actor
from core.clock import ist_day_start
from trading.instruments.models import CorporateAction, Instrument

from ...domain.bars import DAY, IST_OFFSET, Int64Array
from ...domain.udf.marks import ChartFill, FillSource, snap_back, snap_forward
from ...domain.udf.resolution import Resolution
from .history import bars_between

_HOLIDAYS = 10 * DAY
_LABELS = {
    CorporateAction.Kind.SPLIT: ("S", "red"),
    CorporateAction.Kind.BONUS: ("B", "green"),
    CorporateAction.Kind.DIVIDEND: ("D", "blue"),
}


def own_fills(
    actor: Actor, instrument: Instrument, resolution: Resolution, *, start: int, end: int
) -> Sequence[ChartFill]:
    """The actor's own trades under the bars in [start, end). Where they come from is `CHART_FILLS`."""
    source: FillSource = import_string(settings.CHART_FILLS)
    since = datetime.fromtimestamp(start - resolution.offset, UTC)
    until = datetime.fromtimestamp(end - resolution.offset, UTC) + timedelta(seconds=resolution.longest_seconds)
    return source(actor, key=instrument.key, since=since, until=until)


def action_marks(instrument: Instrument, resolution: Resolution, *, start: int, end: int) -> list[dict[str, Any]]:
    """The answer to `/timescale_marks`: splits, bonuses and dividends on the first bar of their ex-date.

    Where the day has no bar the next one carries the mark; a week's or month's bar carries those of its days.
    """
    # The bar that carries a mark of the span's first days may begin before the span, or follow a holiday.
    bars = bars_between(instrument, resolution, start=start - max(_HOLIDAYS, resolution.longest_seconds), end=end)
    marks = []
    for action in CorporateAction.objects.filter(instrument=instrument).order_by("ex_date", "kind"):
        midnight = int(ist_day_start(action.ex_date).timestamp()) + (0 if resolution.is_intraday else IST_OFFSET)
        time = _bar_of(midnight, resolution, bars.start)
        if time is None or not start <= time < end:
            continue
        label, colour = _LABELS[CorporateAction.Kind(action.kind)]
        marks.append(
            {
                "id": f"action-{action.pk}",
                "time": time,
                "color": colour,
                "label": label,
                "tooltip": [line for line in (_told(action), f"Ex {action.ex_date:%d %b %Y}", action.note) if line],
            }
        )
    return marks


def _bar_of(midnight: int, resolution: Resolution, bars: Int64Array) -> int | None:
    """The bar of a day by its midnight on the bars' axis; None when it lies outside them."""
    if not len(bars) or int(bars[0]) - midnight >= DAY:
        return None
    if resolution in (Resolution.W1, Resolution.MONTH):
        holding = int(snap_back(np.array([midnight], dtype=np.int64), bars)[0])
        if holding >= 0 and midnight < int(bars[holding]) + resolution.longest_seconds:
            return int(bars[holding])
    return snap_forward(midnight, bars)


def _told(action: CorporateAction) -> str:
    if action.kind == CorporateAction.Kind.DIVIDEND:
        return f"Dividend of ₹{action.amount.normalize():f}" if action.amount is not None else "Dividend"
    return f"{action.get_kind_display()}: {action.ratio_held} into {action.ratio_after}"
