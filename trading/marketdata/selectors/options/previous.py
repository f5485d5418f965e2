"""Where contracts stood when the session before ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import F, Max, OuterRef, Subquery

from core.cache import Cache
from core.clock import IST, ist_day_start
from trading.instruments.process_cache import REFERENCE

from ...domain.bars import unscale_price
from ...models import DailyBar
from ..minutes import adapt_instant, epoch, scaled

_LAST_CANDLE = (
    "SELECT last.id, {epoch}, {close}, candle.oi FROM ("
    " SELECT listed.id, (SELECT MAX(start) FROM marketdata_candle WHERE instrument_id = listed.id AND start < %s)"
    " AS latest FROM instruments_instrument AS listed WHERE listed.id IN ({ids})"
    ") AS last JOIN marketdata_candle AS candle ON candle.instrument_id = last.id AND candle.start = last.latest"
)


@dataclass(frozen=True, slots=True)
class PreviousSession:
    """The close (rupees) and open interest of a contract's last session before a day."""

    close: Decimal
    oi: int


# A stored past changes by imports and backfills only: a minute is soon enough to see one.
_found: Cache[tuple[tuple[int, ...], date], Mapping[int, PreviousSession]] = Cache(
    "marketdata.previous_sessions", seconds=60, group=REFERENCE, most=500
)


def previous_sessions(instrument_ids: Iterable[int], day: date) -> Mapping[int, PreviousSession]:
    """By instrument, its session before a day; absent where nothing is stored of it.

    The exchange's daily bar where there is one for that session, else the last stored minute.
    """
    ids = tuple(sorted(instrument_ids))
    return _found.get((ids, day), lambda: _load(ids, day)) if ids else {}


def _load(ids: tuple[int, ...], day: date) -> Mapping[int, PreviousSession]:
    found = _daily(ids, day)
    for instrument_id, (on, session) in _minutes(ids, day).items():
        known = found.get(instrument_id)
        if known is None or known[0] < on:
            found[instrument_id] = on, session
    return {instrument_id: session for instrument_id, (_, session) in found.items()}


def _daily(ids: tuple[int, ...], day: date) -> dict[int, tuple[date, PreviousSession]]:
    own = DailyBar.objects.filter(instrument_id=OuterRef("instrument_id"), date__lt=day)
    latest = own.order_by().values("instrument_id").annotate(latest=Max("date")).values("latest")
    rows = (
        DailyBar.objects.filter(instrument_id__in=ids, date__lt=day)
        .annotate(latest=Subquery(latest))
        .filter(date=F("latest"))
        .values_list("instrument_id", "date", "close", "oi")
    )
    return {pk: (on, PreviousSession(close, oi)) for pk, on, close, oi in rows}


def _minutes(ids: tuple[int, ...], day: date) -> dict[int, tuple[date, PreviousSession]]:
    statement = _LAST_CANDLE.format(epoch=epoch(), close=scaled("candle.close"), ids=",".join(["%s"] * len(ids)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [adapt_instant(ist_day_start(day)), *ids])
        rows = cursor.fetchall()
    return {pk: (_ist_date(start), PreviousSession(unscale_price(close), oi)) for pk, start, close, oi in rows}


def _ist_date(second: int) -> date:
    return datetime.fromtimestamp(second, IST).date()
