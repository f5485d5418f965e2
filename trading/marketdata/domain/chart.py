"""What a chart can be set to and what can be drawn on it."""

from enum import StrEnum

MOST_INDICATORS = 12
MOST_COMPARED = 4
MOST_DRAWINGS = 200
"""On the chart of one instrument."""
MOST_TEXT = 120


class ChartStyle(StrEnum):
    """How prices are drawn."""

    CANDLES = "CANDLES"
    HOLLOW = "HOLLOW"
    BARS = "BARS"
    LINE = "LINE"
    AREA = "AREA"
    HEIKIN_ASHI = "HEIKIN_ASHI"


class ChartScale(StrEnum):
    """How the price axis counts."""

    LINEAR = "LINEAR"
    LOG = "LOG"
    PERCENT = "PERCENT"


class DrawingKind(StrEnum):
    """What can be drawn."""

    TREND = "TREND"
    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"
    RECTANGLE = "RECTANGLE"
    FIBONACCI = "FIBONACCI"
    TEXT = "TEXT"


class DrawingColour(StrEnum):
    """Names that each theme turns into a colour of its own."""

    ACCENT = "ACCENT"
    BLUE = "BLUE"
    ORANGE = "ORANGE"
    GREEN = "GREEN"
    RED = "RED"
    GREY = "GREY"


POINTS: dict[DrawingKind, tuple[tuple[bool, bool], tuple[bool, bool]]] = {
    DrawingKind.TREND: ((True, True), (True, True)),
    DrawingKind.RECTANGLE: ((True, True), (True, True)),
    DrawingKind.FIBONACCI: ((True, True), (True, True)),
    DrawingKind.TEXT: ((True, True), (False, False)),
    DrawingKind.HORIZONTAL: ((False, True), (False, False)),
    DrawingKind.VERTICAL: ((True, False), (False, False)),
}
"""Which of (time, price) each of a drawing's two points has."""
