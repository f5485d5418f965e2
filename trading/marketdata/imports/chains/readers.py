"""Reading chain files. What a format leaves out (moment, underlying, expiry) the caller has to say."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.clock import IST
from trading.instruments.domain.keys import INDEX_ALIASES

from ..files import FileBroken, text_of
from .record import ChainFile, LegRecord, RowBroken, StrikeRecord, leg_record, number_of, strike_of

_NSE_LEG = {
    "ltp": "lastPrice",
    "bid": "bidprice",
    "ask": "askPrice",
    "bid_quantity": "bidQty",
    "ask_quantity": "askQty",
    "volume": "totalTradedVolume",
    "oi": "openInterest",
    "oi_change": "changeinOpenInterest",
    "iv": "impliedVolatility",
}
# The API's third version calls the best prices otherwise.
_NSE_LEG_V3 = _NSE_LEG | {
    "bid": "buyPrice1",
    "ask": "sellPrice1",
    "bid_quantity": "buyQuantity1",
    "ask_quantity": "sellQuantity1",
}
_UPSTOX_LEG = {
    "ltp": "ltp",
    "bid": "bid_price",
    "ask": "ask_price",
    "bid_quantity": "bid_qty",
    "ask_quantity": "ask_qty",
    "volume": "volume",
    "oi": "oi",
    "previous_oi": "prev_oi",
}
_CSV_HEADER = [
    "OI",
    "CHNG IN OI",
    "VOLUME",
    "IV",
    "LTP",
    "CHNG",
    "BID QTY",
    "BID",
    "ASK",
    "ASK QTY",
    "STRIKE",
    "BID QTY",
    "BID",
    "ASK",
    "ASK QTY",
    "CHNG",
    "LTP",
    "IV",
    "VOLUME",
    "CHNG IN OI",
    "OI",
]
_CSV_CALL = ("oi", "oi_change", "volume", "iv", "ltp", "", "bid_quantity", "bid", "ask", "ask_quantity")
_CSV_PUT = ("bid_quantity", "bid", "ask", "ask_quantity", "", "ltp", "iv", "volume", "oi_change", "oi")
_CSV_NAME = re.compile(r"option-chain-ED-(?P<underlying>.+)-(?P<expiry>\d{2}-[A-Z][a-z]{2}-\d{4})")
_IDENTIFIER = re.compile(r"OPT(?:IDX|STK)(?P<underlying>[A-Z&-]+?)\d{2}-\d{2}-\d{4}")


@dataclass(frozen=True, slots=True)
class ChainContext:
    """What the caller knows of a file that does not say it itself."""

    underlying: str = ""
    expiry: date | None = None
    at: datetime | None = None


def chain_file_read(path: Path, context: ChainContext) -> ChainFile:
    """The chain of a file, whichever of the known formats it has. Raises FileBroken."""
    text = text_of(path)
    if not text.lstrip().startswith(("{", "[")):
        return _csv(path, text, context)
    try:
        content = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise FileBroken("broken_json", str(error)) from error
    if isinstance(content, dict) and isinstance(content.get("records"), dict):
        return _nse(content["records"], context)
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        return _upstox(content["data"], context)
    raise FileBroken("unknown_format", "neither a chain of NSE nor one of Upstox")


def _nse(records: Mapping[str, Any], context: ChainContext) -> ChainFile:
    rows = records.get("data")
    if not isinstance(rows, list) or not rows:
        raise FileBroken("no_rows", "the chain holds no strikes")
    stamp = records.get("timestamp")
    at = _nse_time(str(stamp)) if stamp else context.at
    if at is None:
        raise FileBroken("no_moment", "the file does not say of when it is: give --at")
    underlying = context.underlying or _nse_underlying(rows)

    def read(row: int, record: Any) -> StrikeRecord:
        if not isinstance(record, dict):
            raise RowBroken("bad_row", "no object")
        expiry = _nse_date(str(record.get("expiryDate") or record.get("expiryDates") or ""))
        legs = []
        for side, is_call in (("CE", True), ("PE", False)):
            leg = record.get(side)
            if isinstance(leg, dict):
                names = _NSE_LEG_V3 if "buyPrice1" in leg else _NSE_LEG
                legs.append(leg_record(is_call, {field: leg.get(name) for field, name in names.items()}))
        return StrikeRecord(row, expiry, strike_of(record.get("strikePrice")), _some(legs))

    return _file("nse_json", underlying, at, _spot(records.get("underlyingValue")), True, enumerate(rows, 1), read)


def _upstox(rows: list[Any], context: ChainContext) -> ChainFile:
    if context.at is None:
        raise FileBroken("no_moment", "Upstox does not say of when a chain is: give --at")
    first = rows[0] if rows and isinstance(rows[0], dict) else {}
    name = str(first.get("underlying_key", "")).partition("|")[2].upper().replace(" ", "")
    underlying = context.underlying or INDEX_ALIASES.get(name, name)

    def read(row: int, record: Any) -> StrikeRecord:
        if not isinstance(record, dict):
            raise RowBroken("bad_row", "no object")
        legs = []
        for side, is_call in (("call_options", True), ("put_options", False)):
            market = (record.get(side) or {}).get("market_data")
            if isinstance(market, dict):
                values = {field: market.get(name) for field, name in _UPSTOX_LEG.items()}
                iv = ((record[side].get("option_greeks")) or {}).get("iv")
                legs.append(leg_record(is_call, values | {"iv": iv}))
        try:
            expiry = date.fromisoformat(str(record.get("expiry")))
        except ValueError as error:
            raise RowBroken("bad_expiry", f"expiry {record.get('expiry')!r}") from error
        return StrikeRecord(row, expiry, strike_of(record.get("strike_price")), _some(legs))

    spot = _spot(first.get("underlying_spot_price"))
    return _file("upstox_json", underlying, context.at, spot, False, enumerate(rows, 1), read)


def _csv(path: Path, text: str, context: ChainContext) -> ChainFile:
    lines = list(csv.reader(io.StringIO(text)))
    if len(lines) < 2 or [name.strip() for name in lines[1] if name.strip()] != _CSV_HEADER:
        raise FileBroken("wrong_columns", "the second line is not that of NSE's chain download")
    named = _CSV_NAME.search(path.name)
    expiry = context.expiry or (_nse_date(named["expiry"]) if named else None)
    underlying = context.underlying or (named["underlying"] if named else "")
    if expiry is None or context.at is None:
        raise FileBroken(
            "no_moment", "the download does not say of when and of which expiry it is: give --at, --expiry"
        )

    def read(row: int, cells: list[str]) -> StrikeRecord:
        values = cells[1:22]
        if len(values) < 21:
            raise RowBroken("short_row", f"{len(cells)} columns")
        call = leg_record(True, dict(zip(_CSV_CALL, values[:10], strict=True)))
        put = leg_record(False, dict(zip(_CSV_PUT, values[11:], strict=True)))
        return StrikeRecord(row, expiry, strike_of(values[10]), (call, put))

    return _file("nse_csv", underlying, context.at, None, True, enumerate(lines[2:], 3), read)


def _file(
    name: str,
    underlying: str,
    at: datetime,
    spot: Decimal | None,
    in_lots: bool,
    rows: Iterator[tuple[int, Any]],
    read: Callable[[int, Any], StrikeRecord],
) -> ChainFile:
    if not underlying:
        raise FileBroken("no_underlying", "the file does not say of what it is: give --underlying")
    records, faults, count = [], [], 0
    for row, content in rows:
        count += 1
        try:
            records.append(read(row, content))
        except RowBroken as fault:
            faults.append((row, fault))
    moment = at.replace(second=0, microsecond=0)
    return ChainFile(name, underlying.upper(), moment, spot, in_lots, tuple(records), tuple(faults), count)


def _some(legs: list[LegRecord]) -> tuple[LegRecord, ...]:
    if not legs:
        raise RowBroken("no_legs", "neither a call nor a put")
    return tuple(legs)


def _spot(value: object) -> Decimal | None:
    try:
        spot = number_of(value, "underlying")
    except RowBroken as error:
        raise FileBroken("bad_underlying", error.detail) from error
    return round(spot, 4) if spot and spot > 0 else None


def _nse_underlying(rows: list[Any]) -> str:
    for record in rows:
        for side in ("CE", "PE"):
            leg = record.get(side) if isinstance(record, dict) else None
            if isinstance(leg, dict):
                found = _IDENTIFIER.match(str(leg.get("identifier", "")))
                return str(leg.get("underlying") or (found["underlying"] if found else ""))
    return ""


def _nse_time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%d-%b-%Y %H:%M:%S").replace(tzinfo=IST)
    except ValueError as error:
        raise FileBroken("bad_moment", f"timestamp {text[:40]!r}") from error


def _nse_date(text: str) -> date:
    for form in ("%d-%b-%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=IST).date()
        except ValueError:
            continue
    raise RowBroken("bad_expiry", f"expiry {text[:40]!r}")
