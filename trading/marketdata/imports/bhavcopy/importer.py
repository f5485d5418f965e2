"""From a bhavcopy to daily bars, open interest and settlement prices: all of a file or nothing."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from core.clock import trading_date
from trading.instruments.domain.keys import Exchange, InstrumentKey
from trading.instruments.domain.tick_table import OPTION_TICK, stock_tick
from trading.instruments.masters.listing import nse_security
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.process_cache import forget_reference_data_on_commit
from trading.instruments.selectors import instruments_by_key
from trading.marketdata.models import DailyBar, FileImport, SettlementPrice
from trading.marketdata.services import DailyValues, daily_bars_write

from ..files import ImportReport, Progress, import_record
from .reader import Bhavcopy, bhavcopy_read
from .row import ContractTerms, Quoted

SETTLEMENT_SOURCE = "bhavcopy"
_KEYS_A_QUERY = 5_000


def bhavcopy_import(
    path: Path, *, create_instruments: bool = False, progress: Progress | None = None
) -> ImportReport:
    """Import one bhavcopy of NSE: cash (legacy, full, UDiFF) or futures and options (UDiFF); or a plain file of
    daily bars of shares and indices, of any number of days, whose prices give way to a bhavcopy's.

    Instruments that the master does not know are skipped and counted, or with `create_instruments` added to it.
    Raises FileBroken, and then nothing of the file is stored. Importing a file again changes nothing.
    """
    bhavcopy = bhavcopy_read(path, until=trading_date(), progress=progress)
    with transaction.atomic():
        known = _known(quoted.key for quoted in bhavcopy.quoted + bhavcopy.unbarred)
        created: dict[str, int] = {}
        if create_instruments:
            # Of a file of several days each instrument once, as its last row has it.
            unknown = {str(each.key): each for each in bhavcopy.quoted if str(each.key) not in known}
            created = _create(list(unknown.values()))
            known |= created
        bars = [_bar(quoted, known[str(quoted.key)]) for quoted in bhavcopy.quoted if str(quoted.key) in known]
        source = DailyBar.Source.BHAVCOPY if bhavcopy.format.is_official else DailyBar.Source.HISTORY
        counts = daily_bars_write(bars, source=source)
        _write_settlements(bhavcopy, known)
        report = ImportReport(
            FileImport.Kind.BHAVCOPY,
            bhavcopy.format.name,
            rows_read=bhavcopy.rows_read,
            counts=counts,
            rejects=tuple(bhavcopy.rejects),
            created=tuple(created),
            skipped=bhavcopy.skipped + len(bhavcopy.quoted) - len(bars),
            duplicates=bhavcopy.duplicates,
        )
        import_record(path, report)
    return report


def _known(keys: Iterable[InstrumentKey]) -> dict[str, int]:
    """Ids by key."""
    wanted = sorted({str(key) for key in keys})
    found: dict[str, int] = {}
    for first in range(0, len(wanted), _KEYS_A_QUERY):
        rows = Instrument.objects.filter(key__in=wanted[first : first + _KEYS_A_QUERY])
        found.update(rows.values_list("key", "id"))
    return found


def _create(listed: list[Quoted]) -> dict[str, int]:
    Instrument.objects.bulk_create([_instrument(quoted) for quoted in listed], batch_size=1_000)
    forget_reference_data_on_commit()
    return _known(quoted.key for quoted in listed)


def _instrument(quoted: Quoted) -> Instrument:
    terms = quoted.contract
    if terms is not None:
        return _contract(quoted, terms)
    _, instrument_type = nse_security(quoted.key.symbol, quoted.series, quoted.isin)
    return Instrument(
        key=str(quoted.key),
        exchange=quoted.key.exchange,
        symbol=quoted.key.symbol,
        name=quoted.key.symbol,
        instrument_type=InstrumentType(instrument_type),
        tick_size=stock_tick(quoted.close, quoted.date),
        isin=quoted.isin,
    )


def _contract(quoted: Quoted, terms: ContractTerms) -> Instrument:
    return Instrument(
        key=str(quoted.key),
        exchange=quoted.key.exchange,
        symbol=quoted.key.symbol,
        name=quoted.key.symbol,
        instrument_type=InstrumentType(terms.right.value),
        underlying=terms.underlying,
        expiry=terms.expiry,
        strike=terms.strike,
        lot_size=terms.lot_size,
        tick_size=OPTION_TICK,
        is_active=terms.expiry >= trading_date(),
    )


def _bar(quoted: Quoted, instrument_id: int) -> DailyValues:
    return DailyValues(
        instrument_id=instrument_id,
        date=quoted.date,
        open=quoted.open,
        high=quoted.high,
        low=quoted.low,
        close=quoted.close,
        volume=quoted.volume,
        oi=quoted.oi,
        previous_close=quoted.previous_close,
        turnover=quoted.turnover,
        trades=quoted.trades,
        delivered=quoted.delivered,
    )


def _write_settlements(bhavcopy: Bhavcopy, known: dict[str, int]) -> None:
    """Official prices of what is open or traded, and the closes of indices; what was entered by hand stays."""
    prices: dict[tuple[int, date], Decimal] = {}
    indices: dict[tuple[str, date], Decimal] = {}
    for quoted in bhavcopy.quoted + bhavcopy.unbarred:
        terms = quoted.contract
        if terms is None:
            continue
        if quoted.settlement and (quoted.oi or quoted.volume) and str(quoted.key) in known:
            prices[known[str(quoted.key)], quoted.date] = quoted.settlement
        if terms.on_index and terms.underlying_close:
            indices[str(InstrumentKey(Exchange.NSE, terms.underlying)), quoted.date] = terms.underlying_close
    underlyings = instruments_by_key({key for key, _ in indices})
    for (key, on), price in indices.items():
        if key in underlyings:
            prices[underlyings[key].pk, on] = price
    _upsert(prices)


def _upsert(prices: dict[tuple[int, date], Decimal]) -> None:
    days = {on for _, on in prices}
    stored = {(row.instrument_id, row.date): row for row in SettlementPrice.objects.filter(date__in=days)}
    SettlementPrice.objects.bulk_create(
        [
            SettlementPrice(instrument_id=instrument_id, date=on, price=price, source=SETTLEMENT_SOURCE)
            for (instrument_id, on), price in prices.items()
            if (instrument_id, on) not in stored
        ],
        batch_size=2_000,
    )
    changed = []
    for at, price in prices.items():
        row = stored.get(at)
        if row is not None and row.source == SETTLEMENT_SOURCE and row.price != price:
            row.price = price
            changed.append(row)
    SettlementPrice.objects.bulk_update(changed, ["price"], batch_size=2_000)
