"""Where contracts stood when the session before ended."""

from collections.abc import Mapping
from datetime import date

from django.db import connection

from core.cache import Cache
from core.clock import ist_day_start
from trading.instruments.process_cache import REFERENCE

from ..minutes import adapt_instant
from .contracts import ChainContracts

_LAST_OI = (
    "SELECT last.id, candle.oi FROM ("
    " SELECT listed.id, (SELECT MAX(start) FROM marketdata_candle WHERE instrument_id = listed.id AND start < %s)"
    " AS start FROM instruments_instrument AS listed WHERE listed.id IN ({})"
    ") AS last JOIN marketdata_candle AS candle ON candle.instrument_id = last.id AND candle.start = last.start"
)

# A stored past changes by imports and backfills only: a minute is soon enough to see one.
_found: Cache[tuple[str, str, date, date], Mapping[int, int]] = Cache(
    "marketdata.previous_oi", seconds=60, group=REFERENCE, most=500
)


def previous_sessions(contracts: ChainContracts, day: date) -> Mapping[int, int]:
    """The open interest of each option, by id, in its last candle before a day; absent where it has none."""
    key = (contracts.exchange, contracts.underlying, contracts.expiry, day)
    return _found.get(key, lambda: _load(contracts, day))


def _load(contracts: ChainContracts, day: date) -> Mapping[int, int]:
    ids = [each.id for each in contracts.options]
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OI.format(",".join(["%s"] * len(ids))), [adapt_instant(ist_day_start(day)), *ids])
        return dict(cursor.fetchall())
