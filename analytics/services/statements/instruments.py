"""Which of our instruments a broker's word means."""

import re
from collections.abc import Sequence

from django.db.models import Q

from analytics.domain.statements import HoldingRecord, TradeRecord
from analytics.domain.statements.exchanges import exchange_of
from trading.instruments.models import Instrument

_ISIN = re.compile(r"\b(IN[A-Z0-9]{9}[0-9])\b")
_ENDINGS = re.compile(r"(\s*-\s*|-)(EQ|BE|BZ|SM|ST|A|B|T)$")
Told = TradeRecord | HoldingRecord


def isin_of(record: Told) -> str:
    """The ISIN of its column, or the one that stands in the instrument's description."""
    found = _ISIN.search(record.isin or record.symbol)
    return found[1] if found else ""


def instruments_of(records: Sequence[Told]) -> dict[Told, Instrument]:
    """The instrument of each record that is understood.

    Derivatives by underlying, expiry, strike and right where the columns say them, else by symbol; shares by
    symbol, then by ISIN, on the exchange that is named, else NSE. Two queries, however many rows there are.
    """
    symbols = {each: symbol_of(each) for each in records}
    isins = {isin for each in records if (isin := isin_of(each))}
    rows = list(Instrument.objects.filter(Q(symbol__in=set(symbols.values())) | Q(isin__in=isins)))
    by_symbol = {(each.exchange, each.symbol): each for each in rows}
    by_isin = {(each.exchange, each.isin): each for each in rows if each.isin}
    contracts = _contracts(records, symbols)
    found = {}
    for each in records:
        contract = contracts.get(each)
        if contract is None:
            for exchange in _exchanges(each):
                contract = by_symbol.get((exchange, symbols[each])) or by_isin.get((exchange, isin_of(each)))
                if contract is not None:
                    break
        if contract is not None:
            found[each] = contract
    return found


def symbol_of(record: Told) -> str:
    """The trading symbol within a broker's word: "TATASTEEL - EQ / INE081A01020" is TATASTEEL."""
    word = record.symbol.split("/")[0].strip()
    return _ENDINGS.sub("", word).replace(" ", "")


def _exchanges(record: Told) -> tuple[str, ...]:
    named = exchange_of(getattr(record, "exchange", ""))
    others = tuple(each for each in ("NSE", "NFO", "BSE", "BFO") if each != named)
    return (named, *others) if named else others


def _contracts(records: Sequence[Told], symbols: dict[Told, str]) -> dict[Told, Instrument]:
    described = [each for each in records if isinstance(each, TradeRecord) and each.expiry is not None]
    if not described:
        return {}
    rows = Instrument.objects.filter(
        underlying__in={symbols[each] for each in described}, expiry__in={each.expiry for each in described}
    )
    listed = {(row.underlying, row.expiry, row.strike, row.instrument_type): row for row in rows}
    found: dict[Told, Instrument] = {}
    for each in described:
        strike = each.strike or None
        row = listed.get((symbols[each], each.expiry, strike, each.right or "FUT"))
        if row is not None:
            found[each] = row
    return found
