"""Instruments as the protocol describes and finds them."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from core.clock import trading_date
from core.errors import NotFound
from trading.instruments.domain.calendar import CalendarUnknown, ExceptionalDay, Hours, TradingCalendar
from trading.instruments.domain.keys import Exchange
from trading.instruments.domain.sessions import IST
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import (
    calendar_for,
    instrument_get,
    instrument_search,
    instruments_listed,
    market_never_closes,
    segment_for,
)

from ...domain.bars import DAY
from ...domain.udf.resolution import INTRADAY_MULTIPLIERS, Resolution
from ...domain.udf.symbol import (
    ALWAYS,
    TYPES,
    corrections_text,
    holidays_text,
    instrument_types,
    price_format,
    session_text,
)
from ..hours import trading_hours

_EXCHANGE_NAMES = {
    Exchange.NSE: "National Stock Exchange",
    Exchange.BSE: "BSE",
    Exchange.NFO: "NSE futures and options",
    Exchange.BFO: "BSE futures and options",
    Exchange.CDS: "NSE currency derivatives",
    Exchange.BCD: "BSE currency derivatives",
    Exchange.MCX: "Multi Commodity Exchange",
    Exchange.NCO: "NSE commodities",
}
_TIME_ZONE = "Asia/Kolkata"
_SATURDAY = 5
# Where a name without an exchange is looked for.
_HOME_EXCHANGES = (Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO)


def exchanges() -> list[dict[str, str]]:
    """What a search may be narrowed to."""
    listed = [{"value": each.value, "name": each.value, "desc": name} for each, name in _EXCHANGE_NAMES.items()]
    return [{"value": "", "name": "All exchanges", "desc": ""}, *listed]


def symbol_of(text: str) -> Instrument:
    """The instrument of a ticker such as `NSE:RELIANCE`, or of a bare name; raises NotFound (`unknown_symbol`)."""
    if ":" in text:
        return instrument_get(text)
    for exchange in _HOME_EXCHANGES:
        try:
            return instrument_get(f"{exchange}:{text}")
        except NotFound:
            continue
    raise NotFound(f"There is no instrument {text}.", code="unknown_symbol")


def symbol_info(instrument: Instrument) -> dict[str, Any]:
    """The answer to `/symbols`."""
    steps = price_format(instrument.tick_size)
    calendar = None if market_never_closes() else _calendar(instrument)
    special = _exceptional_days(calendar) if calendar else []
    info: dict[str, Any] = {
        "name": instrument.symbol,
        "full_name": instrument.key,
        "ticker": instrument.key,
        "description": instrument.name,
        "type": TYPES[instrument.instrument_type][0],
        # Where no calendar is known, no bar may be hidden for lying outside of it.
        "session": session_text(_usual_hours(instrument, calendar)) or ALWAYS,
        "session_holidays": holidays_text(special),
        "corrections": corrections_text(special),
        "timezone": _TIME_ZONE,
        "exchange": instrument.exchange,
        "listed_exchange": instrument.exchange,
        "minmov": steps.minmov,
        "minmove2": 0,
        "pricescale": steps.pricescale,
        "format": "price",
        "currency_code": "INR",
        "has_intraday": True,
        "has_daily": True,
        "has_weekly_and_monthly": True,
        "intraday_multipliers": INTRADAY_MULTIPLIERS,
        "supported_resolutions": [each.value for each in Resolution],
        "visible_plots_set": "ohlc" if instrument.instrument_type == InstrumentType.INDEX else "ohlcv",
        "volume_precision": 0,
        "data_status": "streaming",
    }
    if instrument.expiry is not None:
        info["expiration_date"] = _midnight_utc(instrument.expiry)
        info["expired"] = instrument.expiry < trading_date()
    return info


def symbols_matching(query: str, *, exchange: str, kind: str, limit: int) -> list[dict[str, str]]:
    """The answer to `/search`: the best matches, of one exchange or type where asked."""
    narrowed = Q()
    if exchange:
        narrowed &= Q(exchange=exchange)
    if kind:
        narrowed &= Q(instrument_type__in=instrument_types(kind))
    if query.strip():
        found = instrument_search(query, limit=limit, narrowed=narrowed or None)
    else:
        found = list(instruments_listed().filter(narrowed, underlying="").order_by("key")[:limit])
    return [
        {
            "symbol": one.symbol,
            "full_name": one.key,
            "description": one.name,
            "exchange": one.exchange,
            "ticker": one.key,
            "type": TYPES[one.instrument_type][0],
        }
        for one in found
    ]


def _calendar(instrument: Instrument) -> TradingCalendar | None:
    try:
        return calendar_for(instrument.exchange)
    except CalendarUnknown:
        return None


def _exceptional_days(calendar: TradingCalendar) -> list[ExceptionalDay]:
    """Holidays and special sessions that the calendar knows, ascending."""
    return [calendar.days[on] for on in sorted(calendar.days)]


def _usual_hours(instrument: Instrument, calendar: TradingCalendar | None) -> list[Hours]:
    """The hours of the latest ordinary day: a half day or a holiday has its correction."""
    segment, on = segment_for(instrument), trading_date()
    while calendar is not None and on.year in calendar.years:
        if on.weekday() < _SATURDAY and on not in calendar.days:
            return [
                Hours(each.starts.astimezone(IST).time(), each.ends.astimezone(IST).time())
                for each in trading_hours(segment, on)
            ]
        on -= timedelta(days=1)
    return []


def _midnight_utc(day: date) -> int:
    """00:00 UTC of a date in Unix seconds."""
    return (day - date(1970, 1, 1)).days * DAY
