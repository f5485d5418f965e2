"""A page of A4: its type, its colours, and the few shapes that a report is drawn with.

Lengths are points, from the top left corner of the page downwards, as one reads; `Paper` turns them around for the
format. The base fonts of PDF are used, which every reader has: they know Western letters and no rupee sign, so
amounts are said to be rupees once, and a letter outside of them is a question mark.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
MARGIN = 40.0
INNER = WIDTH - 2 * MARGIN

INK = HexColor("#1d2127")
MUTED = HexColor("#697180")
RULE = HexColor("#d9dde3")
FAINT = HexColor("#f3f5f7")
ACCENT = HexColor("#b87a00")
GAIN = HexColor("#14804a")
LOSS = HexColor("#c22f2f")

_REGULAR, _BOLD = "Helvetica", "Helvetica-Bold"
# The minus of numbers is none of the base fonts' letters; the dash of the same width is.
_LETTERS = str.maketrans({"\u2212": "\u2013", "₹": "", "\u202f": " ", "\u2009": " "})


def plain(text: str) -> str:
    """A text in the letters that the base fonts have."""
    return text.translate(_LETTERS).encode("cp1252", "replace").decode("cp1252")


def toned(value: float | None) -> Color:
    """The colour of a gain or a loss."""
    if not value or value != value:
        return INK
    return GAIN if value > 0 else LOSS


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its top left corner."""

    x: float
    y: float
    width: float
    height: float


class Paper:
    """Pages under way. The same drawing gives the same bytes."""

    def __init__(self, title: str, subject: str) -> None:
        self._out = io.BytesIO()
        self._canvas = Canvas(self._out, pagesize=A4, pageCompression=1, invariant=1)
        self._canvas.setTitle(plain(title))
        self._canvas.setSubject(plain(subject))
        self._canvas.setCreator("Sauda")

    def bytes(self) -> bytes:
        """The file, once all is drawn."""
        self._canvas.save()
        return self._out.getvalue()

    def page(self) -> None:
        """Go on to the next page."""
        self._canvas.showPage()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8,
        bold: bool = False,
        colour: Color = INK,
        align: str = "left",
        width: float | None = None,
    ) -> None:
        """A line of text whose foot is at `y`; cut with dots where it is wider than `width`."""
        font = _BOLD if bold else _REGULAR
        shown = self._cut(plain(text), font, size, width)
        self._canvas.setFont(font, size)
        self._canvas.setFillColor(colour)
        draw = {
            "left": self._canvas.drawString,
            "right": self._canvas.drawRightString,
            "centre": self._canvas.drawCentredString,
        }[align]
        draw(x, HEIGHT - y, shown)

    def _cut(self, text: str, font: str, size: float, width: float | None) -> str:
        if width is None or self._canvas.stringWidth(text, font, size) <= width:
            return text
        while text and self._canvas.stringWidth(text + "…", font, size) > width:
            text = text[:-1]
        return text + "…"

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        colour: Color = RULE,
        width: float = 0.5,
        dashed: bool = False,
    ) -> None:
        """A line through points."""
        if len(points) < 2:
            return
        self._canvas.setStrokeColor(colour)
        self._canvas.setLineWidth(width)
        self._canvas.setLineJoin(1)
        self._canvas.setDash(*((2, 2) if dashed else ()))
        self._canvas.drawPath(self._path(points), stroke=1, fill=0)

    def area(self, points: Sequence[tuple[float, float]], *, colour: Color) -> None:
        """A filled shape."""
        if len(points) < 3:
            return
        self._canvas.setFillColor(colour)
        self._canvas.drawPath(self._path(points), stroke=0, fill=1)

    def block(self, box: Box, *, colour: Color = FAINT) -> None:
        """A filled rectangle."""
        self._canvas.setFillColor(colour)
        self._canvas.rect(box.x, HEIGHT - box.y - box.height, box.width, box.height, stroke=0, fill=1)

    def heading(self, y: float, text: str, *, x: float = MARGIN, width: float = INNER) -> float:
        """A section's name with a rule under it; returns where its content begins."""
        self.text(x, y + 9, text, size=9, bold=True)
        self.line([(x, y + 14), (x + width, y + 14)])
        return y + 17

    def _path(self, points: Sequence[tuple[float, float]]) -> object:
        path = self._canvas.beginPath()
        path.moveTo(points[0][0], HEIGHT - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, HEIGHT - y)
        return path
