"""From a chain file to stored minutes of options: contracts found or made, all of a file or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from core.clock import trading_date
from trading.instruments.domain.calendar import CalendarUnknown, TradingCalendar
from trading.instruments.domain.keys import Contract, Exchange, InstrumentKey, Right
from trading.instruments.domain.tick_table import OPTION_TICK
from trading.instruments.models import OPTION_TYPES, Instrument
from trading.instruments.process_cache import forget_reference_data_on_commit
from trading.instruments.selectors import calendar_for

from ...models import FileImport, OptionMinute
from ...selectors import OPTION_MINUTES
from ...services import WriteCounts, months_of, partitions_ensure
from ..files import FileBroken, ImportReport, Reject, import_record
from .readers import ChainContext, chain_file_read
from .record import ChainFile, LegRecord, RowBroken, StrikeRecord

SOURCE = "import"
_FIELDS = ("ltp", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "oi", "previous_oi", "iv", "spot")

ContractName = tuple[date, Decimal, str]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Records to store, repetitions left out; and rows that contradict an earlier one or name no contract."""

    records: list[StrikeRecord]
    rejects: list[Reject]
    duplicates: int


def option_chain_import(
    path: Path, context: ChainContext, *, create_instruments: bool = False, lot_size: int | None = None
) -> ImportReport:
    """Store the chain of a file as the minute that it is of. A row is a strike, stored with both its legs or not.

    Open interest and volume that a file counts in lots become units by the contract's lot. Contracts that are not
    in the master are refused row by row, or made with `lot_size`. Importing a file again changes nothing. Raises
    FileBroken, and then nothing of the file is stored.
    """
    if create_instruments and not lot_size:
        raise FileBroken("no_lot_size", "contracts can only be made with their --lot-size")
    file = _without_holidays(chain_file_read(path, context))
    partitions_ensure(months_of([trading_date(file.at)]), OPTION_MINUTES)
    with transaction.atomic():
        known = _contracts(file)
        created: tuple[str, ...] = ()
        if create_instruments and lot_size:
            created = _create_missing(file, known, lot_size)
        kept = _sort(file, known)
        counts = _store(file, kept.records, known)
        report = ImportReport(
            kind=FileImport.Kind.OPTION_CHAIN,
            format=file.format,
            rows_read=file.rows_read,
            counts=counts,
            rejects=tuple(sorted(kept.rejects, key=lambda reject: reject.row)),
            created=created,
            duplicates=kept.duplicates,
        )
        import_record(path, report)
    return report


def _without_holidays(file: ChainFile) -> ChainFile:
    """The file without rows that expire on an exchange holiday; raises FileBroken when it is of one itself."""
    calendar = calendar_for()
    day = trading_date(file.at)
    try:
        if not calendar.is_trading_day(day):
            raise FileBroken("no_session", f"the exchange held no session on {day:%d %b %Y}: when is the chain of?")
    except CalendarUnknown as error:
        raise FileBroken(error.code, error.detail) from error
    wrong = {expiry for expiry in {record.expiry for record in file.records} if _is_holiday(calendar, expiry)}
    faults = tuple(
        (record.row, RowBroken("expiry_on_holiday", f"nothing expires on {record.expiry:%d %b %Y}: no session"))
        for record in file.records
        if record.expiry in wrong
    )
    kept = tuple(record for record in file.records if record.expiry not in wrong)
    return replace(file, records=kept, faults=(*file.faults, *faults))


def _is_holiday(calendar: TradingCalendar, day: date) -> bool:
    try:
        return not calendar.is_trading_day(day)
    except CalendarUnknown:
        # Contracts are listed years ahead of the calendar.
        return False


def _right(leg: LegRecord) -> str:
    return (Right.CALL if leg.is_call else Right.PUT).value


def _contracts(file: ChainFile) -> dict[ContractName, Instrument]:
    expiries = {record.expiry for record in file.records}
    found = Instrument.objects.filter(
        underlying=file.underlying, expiry__in=expiries, instrument_type__in=OPTION_TYPES
    )
    return {
        (each.expiry, each.strike.normalize(), each.instrument_type): each
        for each in found
        if each.expiry is not None and each.strike is not None
    }


def _create_missing(file: ChainFile, known: dict[ContractName, Instrument], lot_size: int) -> tuple[str, ...]:
    missing: dict[ContractName, Instrument] = {}
    for record in file.records:
        for leg in record.legs:
            name = (record.expiry, record.strike.normalize(), _right(leg))
            if name not in known and name not in missing:
                missing[name] = _contract(file.underlying, record, leg, lot_size)
    made = Instrument.objects.bulk_create(missing.values())
    known.update(zip(missing, made, strict=True))
    if made:
        forget_reference_data_on_commit()
    return tuple(each.key for each in made)


def _contract(underlying: str, record: StrikeRecord, leg: LegRecord, lot_size: int) -> Instrument:
    expiry = record.expiry
    # The last expiry of a month is the monthly one, whose key carries no day.
    is_monthly = (expiry + timedelta(days=7)).month != expiry.month
    right = Right.CALL if leg.is_call else Right.PUT
    contract = Contract(
        underlying, expiry.year, expiry.month, right, day=None if is_monthly else expiry.day, strike=record.strike
    )
    return Instrument(
        key=str(InstrumentKey(Exchange.NFO, contract.symbol)),
        exchange=Exchange.NFO,
        symbol=contract.symbol,
        name=f"{underlying} {expiry:%d %b %Y} {record.strike:f} {right.name.lower()}",
        instrument_type=right.value,
        underlying=underlying,
        expiry=expiry,
        strike=record.strike,
        lot_size=lot_size,
        tick_size=OPTION_TICK,
    )


def _sort(file: ChainFile, known: Mapping[ContractName, Instrument]) -> _Sorted:
    rejects = [Reject(row, fault.reason, fault.detail) for row, fault in file.faults]
    records: dict[tuple[date, Decimal], StrikeRecord] = {}
    duplicates = 0
    for record in file.records:
        strike = record.strike.normalize()
        unknown = [_right(leg) for leg in record.legs if (record.expiry, strike, _right(leg)) not in known]
        first = records.get((record.expiry, strike))
        if unknown:
            named = f"{file.underlying} {record.expiry} {record.strike:f} {'/'.join(unknown)}"
            rejects.append(Reject(record.row, "unknown_contract", f"{named} is not in the instrument master"))
        elif first is None:
            records[record.expiry, strike] = record
        elif first.legs == record.legs:
            duplicates += 1
        else:
            rejects.append(
                Reject(record.row, "conflicting", f"row {first.row} says otherwise of {record.strike:f}")
            )
    return _Sorted(list(records.values()), rejects, duplicates)


def _store(file: ChainFile, records: list[StrikeRecord], known: Mapping[ContractName, Instrument]) -> WriteCounts:
    """Counted by row: new with any new leg, changed with any changed one."""
    by_row = [
        [_minute(file, known[record.expiry, record.strike.normalize(), _right(leg)], leg) for leg in record.legs]
        for record in records
    ]
    wanted = [minute.instrument_id for minutes in by_row for minute in minutes]
    stored = {row.instrument_id: row for row in OptionMinute.objects.filter(instrument_id__in=wanted, at=file.at)}
    inserted = updated = 0
    changed: list[OptionMinute] = []
    for minutes in by_row:
        new = [minute for minute in minutes if minute.instrument_id not in stored]
        other = [m for m in minutes if m.instrument_id in stored and _values(m) != _values(stored[m.instrument_id])]
        inserted += bool(new)
        updated += bool(other) and not new
        changed += new + other
    OptionMinute.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["instrument", "at"],
        update_fields=[*_FIELDS, "source"],
        batch_size=500,
    )
    return WriteCounts(len(by_row), inserted, updated)


def _minute(file: ChainFile, instrument: Instrument, leg: LegRecord) -> OptionMinute:
    unit = instrument.lot_size if file.in_lots else 1
    return OptionMinute(
        instrument=instrument,
        at=file.at,
        ltp=leg.ltp,
        bid=leg.bid,
        ask=leg.ask,
        bid_quantity=leg.bid_quantity,
        ask_quantity=leg.ask_quantity,
        volume=leg.volume * unit,
        oi=leg.oi * unit,
        previous_oi=None if leg.previous_oi is None else leg.previous_oi * unit,
        iv=leg.iv,
        spot=file.spot,
        source=SOURCE,
    )


def _values(minute: OptionMinute) -> tuple[object, ...]:
    return tuple(getattr(minute, field) for field in _FIELDS)
