"""Back to the session's volume-weighted average price."""

from collections.abc import Mapping

import numpy as np

from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.parameters import Value
from trading.strategies.domain import Doc, Interval, Kind, integer, number
from trading.strategies.domain.signals import Flags, Lines, SidedStrategy, crossed_down, crossed_up, held
from trading.strategies.domain.strategy import Signals


class VwapReversion(SidedStrategy):
    key = "vwap_reversion"
    title = "VWAP reversion"
    kind = Kind.REVERSION
    doc = Doc(
        idea="Large orders are measured against the session's volume-weighted average price and wait for it, so "
        "within a quiet day prices that have strayed from it are pulled back.",
        rules="After the first bars of a session: enters long when the close comes back above the lower band "
        "(VWAP less a multiple of the volume-weighted deviation), short when it comes back below the upper one. "
        "Leaves at the VWAP. Nothing is held from one session into the next: the first bar of a session leaves, "
        "and none is entered during the first bars.",
        fails_when="Days with a trend, on which VWAP is left behind in the morning and not seen again; the last "
        "hour, when positions are closed whatever the price. Needs volume, so it says nothing on an index.",
    )
    intervals = (Interval.M1, Interval.M3, Interval.M5, Interval.M15)
    deviations = number("Deviations", 2.0, minimum=0.5, maximum=5)
    wait = integer("Bars to wait after the open", 12, minimum=1, maximum=120)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"vwap": ("vwap", {"multiplier": self.deviations, "anchor": "session"})}

    def wanted(self, bars: Bars, lines: Lines) -> Signals:
        vwap, age = lines["vwap"], bars_into_session(bars.session)
        opening, ready = age == 0, age >= self.wait
        return held(
            enter_long=crossed_up(bars.close, vwap["lower"]) & ready,
            exit_long=(bars.close >= vwap["vwap"]) | opening,
            enter_short=crossed_down(bars.close, vwap["upper"]) & ready,
            exit_short=(bars.close <= vwap["vwap"]) | opening,
        )


def bars_into_session(session: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """How many bars of its session lie before each bar; `session` as in `Bars`."""
    index = np.arange(len(session))
    first: Flags = np.concatenate(([True], session[1:] != session[:-1]))[: len(session)]
    return index - np.maximum.accumulate(np.where(first, index, 0))
