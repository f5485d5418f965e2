"""What indicators read: float64 columns of bars, one row a bar, in the order of time."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import nan

import numpy as np
from numpy.typing import NDArray

from ..bars import PRICE_SCALE, BarSeries, Int64Array

FloatArray = NDArray[np.float64]

SOURCES = ("close", "open", "high", "low", "hl2", "hlc3", "ohlc4")
"""Prices that an indicator of one line may be taken of."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Columns of one length; a bar with NaN in a column that an indicator reads is a gap to that indicator.

    Prices are rupees. `session` is the open of the bar's session in Unix seconds. `against` is the close of the
    instrument that is compared with, NaN where there is none.
    """

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    session: FloatArray
    against: FloatArray

    def __len__(self) -> int:
        return len(self.close)

    @classmethod
    def of(cls, series: BarSeries, session: Int64Array, against: FloatArray | None = None) -> "Bars":
        """From stored bars; `session` as in `selectors.session_opens`, one for each bar. Columns are made when they
        are first read: most indicators read one of them."""
        return _Stored(series, session, against)

    def __getitem__(self, span: slice) -> "Bars":
        return Bars(**{column.name: getattr(self, column.name)[span] for column in fields(self)})

    def column(self, name: str) -> FloatArray:
        """A column, or a price made of several: hl2, hlc3, ohlc4."""
        match name:
            case "hl2":
                return (self.high + self.low) / 2
            case "hlc3":
                return (self.high + self.low + self.close) / 3
            case "ohlc4":
                return (self.open + self.high + self.low + self.close) / 4
        column: FloatArray = getattr(self, name)
        return column

    def row(self, number: int) -> dict[str, float]:
        """One bar by its columns, as `Incremental.push` takes it."""
        return {column.name: float(getattr(self, column.name)[number]) for column in fields(self)}


class _Stored(Bars):
    """Columns of a series of stored bars."""

    __slots__ = ("_against", "_series", "_session")

    _series: BarSeries
    _session: Int64Array
    _against: FloatArray | None

    def __init__(self, series: BarSeries, session: Int64Array, against: FloatArray | None) -> None:
        object.__setattr__(self, "_series", series)
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_against", against)

    def __len__(self) -> int:
        return len(self._series)

    def __getattr__(self, name: str) -> FloatArray:
        """A column that was not read before: Python asks here for what is not set."""
        made: FloatArray
        match name:
            case "open" | "high" | "low" | "close":
                made = getattr(self._series, name) / PRICE_SCALE
            case "volume":
                made = self._series.volume.astype(np.float64)
            case "session":
                made = self._session.astype(np.float64)
            case "against":
                made = np.full(len(self), np.nan) if self._against is None else self._against
            case _:
                raise AttributeError(name)
        object.__setattr__(self, name, made)
        return made


def column_of(bar: Mapping[str, float], name: str) -> float:
    """The same as `Bars.column` of a single bar; NaN where the bar lacks a column."""
    match name:
        case "hl2":
            return (bar.get("high", nan) + bar.get("low", nan)) / 2
        case "hlc3":
            return (bar.get("high", nan) + bar.get("low", nan) + bar.get("close", nan)) / 3
        case "ohlc4":
            return (bar.get("open", nan) + bar.get("high", nan) + bar.get("low", nan) + bar.get("close", nan)) / 4
    return bar.get(name, nan)
