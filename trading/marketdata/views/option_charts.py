"""The smile and the open interest of a chain as SVG coordinates: drawn by the server, so that no script need be."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..domain.options.analytics import SmilePoint
from ..domain.options.chain import OptionChain

WIDTH, HEIGHT, BASE = 360, 132, 18


@dataclass(frozen=True, slots=True)
class Mark:
    """A label under the axis or a line at a strike."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class SmileChart:
    """Volatility by strike: points of a polyline, the scale's ends in per cent, where the forward is."""

    points: str
    low: float
    high: float
    forward: float | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class OiBar:
    """Two bars of a strike: left edge, width, tops and heights."""

    strike: Decimal
    x: float
    width: float
    call_y: float
    call_height: float
    put_y: float
    put_height: float
    call_oi: int
    put_oi: int


@dataclass(frozen=True, slots=True)
class OiChart:
    """Open interest by strike."""

    bars: tuple[OiBar, ...]
    forward: float | None
    marks: tuple[Mark, ...]


def smile_chart(points: Sequence[SmilePoint], forward: float | None) -> SmileChart | None:
    """None with fewer than three points: that is no smile."""
    known = [(float(each.strike), each.iv * 100) for each in points if each.iv is not None]
    if len(known) < 3:
        return None
    left, right = known[0][0], known[-1][0]
    low, high = min(iv for _, iv in known), max(iv for _, iv in known)
    span = (high - low) or 1.0

    def x(strike: float) -> float:
        return round((strike - left) / (right - left) * (WIDTH - 8) + 4, 1)

    line = " ".join(
        f"{x(strike)},{HEIGHT - BASE - 6 - (iv - low) / span * (HEIGHT - BASE - 16):.1f}" for strike, iv in known
    )
    at = x(forward) if forward is not None and left <= forward <= right else None
    middle = known[len(known) // 2][0]
    marks = tuple(Mark(x(strike), f"{strike:g}") for strike in (left, middle, right))
    return SmileChart(line, low, high, at, marks)


def oi_chart(chain: OptionChain) -> OiChart | None:
    """None without open interest."""
    rows = chain.rows
    interest = [
        (row.strike, row.call.quote.oi if row.call else 0, row.put.quote.oi if row.put else 0) for row in rows
    ]
    most = max((max(call, put) for _, call, put in interest), default=0)
    if not most:
        return None
    step = (WIDTH - 8) / len(interest)
    room = HEIGHT - BASE - 8
    bars = []
    for place, (strike, call, put) in enumerate(interest):
        call_height, put_height = round(call / most * room, 1), round(put / most * room, 1)
        bars.append(
            OiBar(
                strike,
                round(4 + place * step, 1),
                round(step * 0.4, 1),
                round(HEIGHT - BASE - call_height, 1),
                call_height,
                round(HEIGHT - BASE - put_height, 1),
                put_height,
                call,
                put,
            )
        )
    first, last = float(interest[0][0]), float(interest[-1][0])
    inside = chain.forward is not None and last > first and first <= chain.forward <= last
    at = None
    if inside and chain.forward is not None:
        at = round(4 + step / 2 + (chain.forward - first) / (last - first) * step * (len(interest) - 1), 1)
    ends = (0, len(interest) // 2, len(interest) - 1)
    marks = tuple(
        Mark(round(4 + (place + 0.5) * step, 1), f"{interest[place][0]:f}".removesuffix(".00")) for place in ends
    )
    return OiChart(tuple(bars), at, marks)
