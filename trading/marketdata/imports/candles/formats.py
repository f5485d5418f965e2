"""The columns of the candle files that are understood. Times in the files are Indian time without an offset."""

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """Which end of its minute a row's time names."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class CandleFormat:
    """How a file's columns are called; `time` may be spread over several columns, joined by a space."""

    name: str
    symbol: str
    time: tuple[str, ...]
    label: Label
    """What the known files of this format use; the caller may say otherwise."""

    @property
    def required(self) -> frozenset[str]:
        """Columns without which a file is not of this format."""
        return frozenset({self.symbol, *self.time, *PRICES, "volume"})


PRICES = ("open", "high", "low", "close")

FORMATS = {
    each.name: each
    for each in (
        CandleFormat("sauda-minute", "symbol", ("timestamp_ist",), Label.START),
        CandleFormat("index-minute", "symbol", ("date", "time_label_ist"), Label.END),
        CandleFormat("upstox-bars", "instrument_key", ("bar_open_ist",), Label.START),
    )
}


def detect(header: list[str]) -> CandleFormat | None:
    """The format whose columns a header has, None when there is none."""
    columns = frozenset(header)
    return next((each for each in FORMATS.values() if each.required <= columns), None)
