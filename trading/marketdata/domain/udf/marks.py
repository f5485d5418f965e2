"""Marks on bars: a mark is shown only where its time is a bar's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from ..bars import Int64Array


@dataclass(frozen=True, slots=True)
class ChartFill:
    """A trade of the caller's own; price in rupees."""

    id: str
    at: datetime
    side: str
    quantity: int
    price: Decimal


FillSource = Callable[..., Sequence[ChartFill]]
"""`(actor, *, key, since, until) -> fills` in [since, until), at most some hundreds, the latest."""


def snap_back(times: Int64Array, bars: Int64Array) -> Int64Array:
    """The index of the last bar that begins at or before each time; -1 where there is none. `bars` ascend."""
    return np.searchsorted(bars, times, side="right").astype(np.int64) - 1


def snap_forward(time: int, bars: Int64Array) -> int | None:
    """The time of the first bar that begins at or after a time; None where there is none."""
    index = int(np.searchsorted(bars, time, side="left"))
    return int(bars[index]) if index < len(bars) else None


def fill_marks(fills: Sequence[ChartFill], offset: int, bars: Int64Array) -> dict[str, list[Any]]:
    """The protocol's table of marks for fills that happened `offset` seconds before their place on the axis."""
    table: dict[str, list[Any]] = {
        name: [] for name in ("id", "time", "color", "text", "label", "labelFontColor", "minSize")
    }
    if not fills or not len(bars):
        return table
    places = snap_back(np.array([int(fill.at.timestamp()) + offset for fill in fills], dtype=np.int64), bars)
    for fill, place in zip(fills, places.tolist(), strict=True):
        if place < 0:
            continue
        bought = fill.side == "BUY"
        verb = "Bought" if bought else "Sold"
        table["id"].append(fill.id)
        table["time"].append(int(bars[place]))
        table["color"].append("blue" if bought else "red")
        table["text"].append(f"{verb} {fill.quantity} at {fill.price.normalize():f}")
        table["label"].append("B" if bought else "S")
        table["labelFontColor"].append("white")
        table["minSize"].append(14)
    return table
