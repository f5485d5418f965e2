"""From a candle file to stored candles: symbols resolved, sessions respected, all of a file or nothing."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.db import transaction

from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.keys import Exchange, InstrumentKey, MalformedKey
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instruments_by_key, segment_for
from trading.marketdata.domain.bars import Int64Array, ist_days
from trading.marketdata.models import FileImport
from trading.marketdata.selectors import session_spans
from trading.marketdata.services import WriteCounts, candles_write, months_of, partitions_ensure

from ..files import FileBroken, ImportReport, Progress, import_record
from .formats import Label
from .reader import candle_file_read

_INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "INDIAVIX", "SENSEX"})
_TICK = Decimal("0.05")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def candle_file_import(
    path: Path,
    *,
    format_name: str | None = None,
    label: Label | None = None,
    symbol_map: Mapping[str, str] | None = None,
    create_instruments: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import one file of one-minute candles; rows outside the exchange's sessions are left out and counted.

    Raises FileBroken, and then nothing of the file is stored. Importing a file again changes no candle.
    """
    parsed = candle_file_read(path, format_name=format_name, label=label, progress=progress)
    days = {date.fromordinal(_EPOCH_ORDINAL + day) for rows in parsed.symbols.values() for day in _days(rows)}
    partitions_ensure(months_of(days))
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
        report = ImportReport(
            FileImport.Kind.CANDLES,
            parsed.format.name,
            rows_read=parsed.rows_read,
            counts=counts,
            rejects=tuple(parsed.rejects),
            created=created,
            outside_session=outside,
            duplicates=parsed.duplicates,
        )
        import_record(path, report)
    return report


def _days(rows: Int64Array) -> list[int]:
    days: list[int] = np.unique(ist_days(rows[:, 1])).tolist()
    return days


def _resolve(
    symbols: list[str], symbol_map: Mapping[str, str], create: bool
) -> tuple[dict[str, Instrument], tuple[str, ...]]:
    keys = {symbol: symbol_key(symbol, symbol_map) for symbol in symbols}
    if len(set(keys.values())) < len(keys):
        raise FileBroken("ambiguous_symbols", "two symbols of the file mean one instrument")
    known = instruments_by_key(keys.values())
    missing = sorted(set(keys.values()) - set(known))
    if missing and not create:
        raise FileBroken("unknown_symbol", f"not in the instrument master: {', '.join(missing)}")
    for key in missing:
        known[key] = _create(InstrumentKey.parse(key))
    return {symbol: known[key] for symbol, key in keys.items()}, tuple(missing)


def symbol_key(symbol: str, symbol_map: Mapping[str, str] | None = None) -> str:
    """The key that a file's symbol means: as mapped, else at NSE; raises FileBroken for what is no symbol."""
    wanted = (symbol_map or {}).get(symbol) or symbol
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
    try:
        spans = session_spans(segment_for(instrument), _days(rows))
    except CalendarUnknown as error:
        raise FileBroken(error.code, error.detail) from error
    for opens, closes in spans:
        inside |= (starts >= opens) & (starts < closes)
    return inside
