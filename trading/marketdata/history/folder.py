"""A folder of files as a source of history: minute files named after symbols, and bhavcopies after dates."""

import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from core.clock import ist_day_span, trading_date
from core.errors import InvalidInput
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import BarSeries
from trading.marketdata.imports import FileBroken
from trading.marketdata.imports.bhavcopy.reader import bhavcopy_read
from trading.marketdata.imports.bhavcopy.row import Quoted
from trading.marketdata.imports.candles.importer import symbol_key
from trading.marketdata.imports.candles.reader import candle_file_read
from trading.marketdata.services import DailyValues

_MINUTE_FILE = re.compile(r"(?P<symbol>[A-Z0-9&-]+)(?:_.*)?\.csv(?:\.gz|\.zip)?", re.IGNORECASE)
_DAYS = (
    (re.compile(r"cm(\d{2}[A-Z]{3}\d{4})bhav", re.IGNORECASE), "%d%b%Y"),
    (re.compile(r"sec_bhavdata_full_(\d{8})", re.IGNORECASE), "%d%m%Y"),
    (re.compile(r"BhavCopy_.*_(\d{8})_F", re.IGNORECASE), "%Y%m%d"),
)
_FILES_REMEMBERED = 8


class FolderHistory:
    """Files below `settings.HISTORY_FOLDER`, in the formats of `import_candles` and `import_bhavcopy`.

    A minute file belongs to the instrument whose symbol its name begins with, up to an underscore or the dot. What
    cannot be read counts as not there.
    """

    requests_per_second = 0.0

    def __init__(self) -> None:
        folder = Path(settings.HISTORY_FOLDER or "/nonexistent")
        if not folder.is_dir():
            raise InvalidInput("HISTORY_FOLDER names no folder.", code="unknown_history_source")
        self._minute_files: dict[str, list[Path]] = {}
        self._bhavcopies: dict[date, list[Path]] = {}
        for path in sorted(folder.rglob("*")):
            day = _day_of(path.name)
            if day is not None:
                self._bhavcopies.setdefault(day, []).append(path)
            elif path.is_file() and (match := _MINUTE_FILE.fullmatch(path.name)):
                self._minute_files.setdefault(match["symbol"].upper(), []).append(path)

    def minutes(self, instrument: Instrument, on: date) -> BarSeries:
        """The day's rows of the first file that has any."""
        opens, closes = (int(moment.timestamp()) for moment in ist_day_span(on))
        for path in self._candidates(instrument):
            for symbol, rows in _candle_file(path).items():
                if symbol_key(symbol) == instrument.key:
                    of_day = rows[(rows[:, 1] >= opens) & (rows[:, 1] < closes)]
                    if len(of_day):
                        return BarSeries.from_columns(of_day[:, 1:])
        return BarSeries.empty()

    def day(self, instrument: Instrument, on: date) -> DailyValues | None:
        """The row of a bhavcopy of that date."""
        for path in self._bhavcopies.get(on, []):
            quoted = _bhavcopy(path).get((instrument.key, on))
            if quoted is not None:
                return DailyValues(
                    instrument.pk,
                    on,
                    quoted.open,
                    quoted.high,
                    quoted.low,
                    quoted.close,
                    volume=quoted.volume,
                    oi=quoted.oi,
                    previous_close=quoted.previous_close,
                    turnover=quoted.turnover,
                    trades=quoted.trades,
                    delivered=quoted.delivered,
                )
        return None

    def _candidates(self, instrument: Instrument) -> list[Path]:
        named = [symbol for symbol in self._minute_files if symbol_key(symbol) == instrument.key]
        return [path for symbol in named for path in self._minute_files[symbol]]


def _day_of(name: str) -> date | None:
    for pattern, written in _DAYS:
        if match := pattern.search(name):
            try:
                return datetime.strptime(match[1], written).date()  # noqa: DTZ007
            except ValueError:
                return None
    return None


@lru_cache(maxsize=_FILES_REMEMBERED)
def _candle_file(path: Path) -> dict[str, np.ndarray]:
    try:
        return candle_file_read(path).symbols
    except FileBroken:
        return {}


@lru_cache(maxsize=_FILES_REMEMBERED)
def _bhavcopy(path: Path) -> dict[tuple[str, date], Quoted]:
    try:
        read = bhavcopy_read(path, until=trading_date())
    except FileBroken:
        return {}
    return {(str(quoted.key), quoted.date): quoted for quoted in read.quoted}
