"""Curves and bars of a report."""

import math
from collections.abc import Sequence
from datetime import date

from reportlab.lib.colors import Color, HexColor

from .paper import ACCENT, GAIN, INK, LOSS, MUTED, RULE, Box, Paper

_AXIS = 34.0
_FOOT = 12.0
_STEPS = (1, 2, 2.5, 5, 10)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round values from the first at or under `low` to the last at or over `high`."""
    if high <= low:
        high = low + 1.0
    raw = (high - low) / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(each * size for each in _STEPS if each * size >= raw)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def per_cent(value: float, step: float = 1.0) -> str:
    """A tick's label."""
    places = 0 if step >= 1 else 1 if step >= 0.1 else 2
    return f"{value:,.{places}f}%".replace("-", "−")


class Plot:
    """A frame with days along it and a scale beside it."""

    def __init__(self, paper: Paper, box: Box, days: Sequence[date], low: float, high: float, about: int) -> None:
        self.paper, self.box, self.days = paper, box, days
        marks = ticks(low, high, about)
        self.low, self.high = marks[0], marks[-1]
        self._inner = Box(box.x + _AXIS, box.y, box.width - _AXIS, box.height - _FOOT)
        step = marks[1] - marks[0]
        for value in marks:
            y = self.y(value)
            is_zero = abs(value) < step / 1000
            paper.line([(self._inner.x, y), (box.x + box.width, y)], colour=MUTED if is_zero else RULE, width=0.4)
            paper.text(self._inner.x - 4, y + 2.3, per_cent(value, step), size=6.5, colour=MUTED, align="right")
        self._dates()

    def x(self, at: float) -> float:
        """Where the day of that number stands."""
        return self._inner.x + self._inner.width * (at / max(len(self.days) - 1, 1))

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self._inner.y + self._inner.height * (self.high - value) / (self.high - self.low)

    def points(self, values: Sequence[float]) -> list[tuple[float, float]]:
        """A curve's points."""
        return [(self.x(at), self.y(value)) for at, value in enumerate(values)]

    def _dates(self) -> None:
        foot = self.box.y + self.box.height - 3
        many = min(6, len(self.days))
        for number in range(many):
            at = round(number * (len(self.days) - 1) / max(many - 1, 1))
            align = "left" if number == 0 else "right" if number == many - 1 else "centre"
            day = self.days[at]
            label = f"{day.day} {day:%b %y}"
            self.paper.text(self.x(at), foot, label, size=6.5, colour=MUTED, align=align)


def growth_chart(
    paper: Paper, box: Box, days: Sequence[date], growth: Sequence[float], index: Sequence[float] | None
) -> None:
    """Growth of one rupee in per cent, and that of an index beside it."""
    ours = [(each - 1) * 100 for each in growth]
    other = [(each - 1) * 100 for each in index] if index is not None else []
    plot = Plot(paper, box, days, min([0.0, *ours, *other]), max([0.0, *ours, *other]), 5)
    if other:
        paper.line(plot.points(other), colour=MUTED, width=0.7, dashed=True)
    paper.line(plot.points(ours), colour=ACCENT, width=1.3)


def drawdown_chart(paper: Paper, box: Box, days: Sequence[date], falls: Sequence[float]) -> None:
    """Depth under the peak, in per cent."""
    depth = [each * 100 for each in falls]
    plot = Plot(paper, box, days, min([-0.1, *depth]), 0.0, 3)
    curve = plot.points(depth)
    paper.area([(curve[0][0], plot.y(0)), *curve, (curve[-1][0], plot.y(0))], colour=HexColor("#f2d7d7"))
    paper.line(curve, colour=LOSS, width=0.9)


def bars(paper: Paper, box: Box, values: Sequence[tuple[str, int, float]]) -> None:
    """Counts as columns: (label under it, count, sign of what it stands for)."""
    most = max((count for _, count, _ in values), default=0)
    if not most:
        return
    wide = box.width / len(values)
    for at, (_, count, sign) in enumerate(values):
        tall = (box.height - _FOOT - 8) * count / most
        colour: Color = INK if not sign else GAIN if sign > 0 else LOSS
        column = Box(box.x + at * wide + wide * 0.1, box.y + box.height - _FOOT - tall, wide * 0.8, tall)
        paper.block(column, colour=colour)
        if count:
            paper.text(column.x + column.width / 2, column.y - 2, str(count), size=6, colour=MUTED, align="centre")
    foot = box.y + box.height - 3
    paper.text(box.x, foot, values[0][0], size=6.5, colour=MUTED)
    paper.text(box.x + box.width, foot, values[-1][0], size=6.5, colour=MUTED, align="right")
