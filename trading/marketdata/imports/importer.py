"""From a candle file to stored candles: symbols resolved, sessions respected, all of a file or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.db import transaction

from core.clock import wall_now
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.keys import Exchange, InstrumentKey, MalformedKey
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instruments_by_key, segment_for
from trading.marketdata.domain.bars import Int64Array, ist_days
from trading.marketdata.models import FileImport, RejectedFileRow
from trading.marketdata.selectors import session_spans
from trading.marketdata.services import WriteCounts, candles_write

from .formats import Label
from .reader import CandleFile, FileBroken, Progress, candle_file_read

_INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "INDIAVIX", "SENSEX"})
_TICK = Decimal("0.05")
_MOST_REJECTS_STORED = 1_000


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file's rows; each is inserted, updated, unchanged, outside, a duplicate or rejected."""

    file: CandleFile
    outside_session: int
    counts: WriteCounts
    created: tuple[str, ...]

    @property
    def unchanged(self) -> int:
        """Rows that were stored already, with the same values."""
        return self.counts.given - self.counts.inserted - self.counts.updated


def candle_file_import(
    path: Path,
    *,
    format_name: str | None = None,
    label: Label | None = None,
    symbol_map: Mapping[str, str] | None = None,
    create_instruments: bool = False,
    progress: Progress | None = None,
) -> FileReport:
    """Import one file of one-minute candles; rows outside the exchange's sessions are left out and counted.

    Raises FileBroken, and then nothing of the file is stored. Importing a file again changes no candle.
    """
    parsed = candle_file_read(path, format_name=format_name, label=label, progress=progress)
    with transaction.atomic():
        instruments, created = _resolve(list(parsed.symbols), symbol_map or {}, create_instruments)
        blocks, outside = [], 0
        for symbol, rows in parsed.symbols.items():
            inside = _in_session(instruments[symbol], rows)
            outside += int((~inside).sum())
            kept = rows[inside]
            kept[:, 0] = instruments[symbol].pk
            blocks.append(kept)
        counts = candles_write(np.vstack(blocks)) if blocks else WriteCounts()
        report = FileReport(parsed, outside, counts, created)
        _record(path, report)
    return report


def _resolve(
    symbols: list[str], symbol_map: Mapping[str, str], create: bool
) -> tuple[dict[str, Instrument], tuple[str, ...]]:
    keys = {symbol: _key(symbol, symbol_map) for symbol in symbols}
    if len(set(keys.values())) < len(keys):
        raise FileBroken("ambiguous_symbols", "two symbols of the file mean one instrument")
    known = instruments_by_key(keys.values())
    missing = sorted(set(keys.values()) - set(known))
    if missing and not create:
        raise FileBroken("unknown_symbol", f"not in the instrument master: {', '.join(missing)}")
    for key in missing:
        known[key] = _create(InstrumentKey.parse(key))
    return {symbol: known[key] for symbol, key in keys.items()}, tuple(missing)


def _key(symbol: str, symbol_map: Mapping[str, str]) -> str:
    wanted = symbol_map.get(symbol) or symbol
    try:
        return str(InstrumentKey.parse(wanted if ":" in wanted else f"{Exchange.NSE}:{wanted}"))
    except MalformedKey as error:
        raise FileBroken("unknown_symbol", f"{symbol!r} is no symbol: map it to a key") from error


def _create(key: InstrumentKey) -> Instrument:
    if key.exchange not in (Exchange.NSE, Exchange.BSE):
        raise FileBroken("unknown_symbol", f"{key} is a contract: import the instrument master for it")
    kind = InstrumentType.INDEX if key.symbol in _INDICES else InstrumentType.EQUITY
    created: Instrument = Instrument.objects.create(
        key=str(key),
        exchange=key.exchange,
        symbol=key.symbol,
        name=key.symbol,
        instrument_type=kind,
        tick_size=_TICK,
    )
    return created


def _in_session(instrument: Instrument, rows: Int64Array) -> np.ndarray:
    starts, inside = rows[:, 1], np.zeros(len(rows), dtype=bool)
    days = np.unique(ist_days(starts)).tolist()
    try:
        spans = session_spans(segment_for(instrument), days)
    except CalendarUnknown as error:
        raise FileBroken(error.code, error.detail) from error
    for opens, closes in spans:
        inside |= (starts >= opens) & (starts < closes)
    return inside


def _record(path: Path, report: FileReport) -> None:
    parsed = report.file
    run = FileImport.objects.create(
        filename=path.name[:200],
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        format=parsed.format.name,
        finished_at=wall_now(),
        rows_read=parsed.rows_read,
        inserted=report.counts.inserted,
        updated=report.counts.updated,
        unchanged=report.unchanged,
        outside_session=report.outside_session,
        duplicates=parsed.duplicates,
        rejected=len(parsed.rejects),
    )
    RejectedFileRow.objects.bulk_create(
        RejectedFileRow(run=run, row_number=reject.row, reason=reject.reason, detail=reject.detail)
        for reject in parsed.rejects[:_MOST_REJECTS_STORED]
    )
