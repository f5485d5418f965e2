"""What the market does at an instant. Reading it costs no query once a day's windows are remembered."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from django.conf import settings

from core.cache import Cache
from core.clock import now, state

from ..domain.calendar import CalendarUnknown, DayKind, ExceptionalDay, Hours, TradingCalendar
from ..domain.instrument_rules import segment_of
from ..domain.keys import Exchange
from ..domain.sessions import (
    Phase,
    PhaseRule,
    PhaseWindow,
    Segment,
    SessionState,
    day_windows,
    exchange_date,
    next_continuous,
    phase_at,
)
from ..models import CalendarDay, Instrument, InstrumentType, SessionRule
from ..process_cache import REFERENCE
from .halts import halt_at

CACHE_SECONDS = 300

# NSE and BSE keep the same trading days in equities and their derivatives.
_CALENDAR_OF = {
    Exchange.NSE: "NSE",
    Exchange.BSE: "NSE",
    Exchange.NFO: "NSE",
    Exchange.BFO: "NSE",
}

_calendars: Cache[str, TradingCalendar] = Cache("instruments.calendars", seconds=CACHE_SECONDS, group=REFERENCE)
_rules: Cache[Segment, tuple[PhaseRule, ...]] = Cache(
    "instruments.phase_rules", seconds=CACHE_SECONDS, group=REFERENCE
)
_windows: Cache[tuple[Segment, date], tuple[PhaseWindow, ...]] = Cache(
    "instruments.windows", seconds=CACHE_SECONDS, group=REFERENCE
)
_next_open: Cache[tuple[Segment, date], PhaseWindow | None] = Cache(
    "instruments.next_open", seconds=CACHE_SECONDS, group=REFERENCE
)


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """The market as the top bar shows it: the cash market's state, and each segment's own."""

    at: datetime
    session: SessionState
    segments: dict[Segment, SessionState]
    simulated: bool


def calendar_for(exchange: str = Exchange.NSE) -> TradingCalendar:
    """The trading days of an exchange; raises CalendarUnknown for an exchange without data."""
    code = _CALENDAR_OF.get(Exchange(exchange))
    if code is None:
        raise CalendarUnknown(exchange, now().year)
    return _calendars.get(code, lambda: _load_calendar(code))


def _load_calendar(code: str) -> TradingCalendar:
    rows = CalendarDay.objects.filter(calendar=code).order_by("date", "opens")
    return TradingCalendar.of(code, [_day(list(same)) for _, same in groupby(rows, key=attrgetter("date"))])


def _day(rows: list[CalendarDay]) -> ExceptionalDay:
    hours = tuple(Hours(row.opens, row.closes) for row in rows if row.opens and row.closes)
    return ExceptionalDay(rows[0].date, DayKind(rows[0].kind), rows[0].name, hours)


def _load_rules(segment: Segment) -> tuple[PhaseRule, ...]:
    return tuple(
        PhaseRule(segment, Phase(rule.phase), rule.starts, rule.ends, rule.valid_from, rule.valid_to)
        for rule in SessionRule.objects.filter(segment=segment)
    )


def session_windows(segment: Segment, on: date) -> tuple[PhaseWindow, ...]:
    """The phases of a segment on an exchange date, empty when it does not trade; raises CalendarUnknown."""
    return _windows.get(
        (segment, on),
        lambda: day_windows(
            _rules.get(segment, lambda: _load_rules(segment)), calendar_for(Exchange.NSE), segment, on
        ),
    )


def session_at(instrument: Instrument, at: datetime | None = None) -> SessionState:
    """The session of an instrument at an instant (default: market time now).

    A halt of the instrument or the market stands in for the session it interrupts.
    Raises CalendarUnknown where no calendar is loaded for the exchange or the year. A simulated market that
    is set to be always open is CONTINUOUS without end, unless a replay has moved the market clock.
    """
    moment = at or now()
    return _unless_halted(_session(instrument, moment), instrument.pk, moment)


def _session(instrument: Instrument, moment: datetime) -> SessionState:
    if market_never_closes():
        return SessionState(Phase.CONTINUOUS, None, None, "simulated")
    exchange = Exchange(instrument.exchange)
    calendar_for(exchange)
    if instrument.expiry is not None and exchange_date(moment) > instrument.expiry:
        return SessionState(Phase.CLOSED, None, None, f"expired on {instrument.expiry:%d %b %Y}")
    return _segment_session(segment_for(instrument), moment)


def segment_for(instrument: Instrument) -> Segment:
    """The trading hours an instrument follows; an index is computed while the cash market trades."""
    return segment_of(
        lists_contracts=Exchange(instrument.exchange).lists_contracts,
        has_derivatives=instrument.has_derivatives and instrument.instrument_type != InstrumentType.INDEX,
    )


def segment_session_at(segment: Segment, at: datetime | None = None) -> SessionState:
    """The session of a segment at an instant (default: market time now); raises CalendarUnknown."""
    moment = at or now()
    if market_never_closes():
        return _unless_halted(SessionState(Phase.CONTINUOUS, None, None, "simulated"), None, moment)
    return _unless_halted(_segment_session(segment, moment), None, moment)


def _unless_halted(session: SessionState, instrument_id: int | None, at: datetime) -> SessionState:
    """The session, or the halt that stands in for it; a closed market is closed whatever is halted."""
    if session.phase in (Phase.CLOSED, Phase.POST_CLOSE):
        return session
    halt = halt_at(instrument_id, at)
    if halt is None:
        return session
    return SessionState(Phase.HALTED, halt.ends_at, session.closes_at, halt.explanation)


def market_status(at: datetime | None = None) -> MarketStatus:
    """Every segment's session at an instant (default: market time now); raises CalendarUnknown."""
    moment = at or now()
    segments = {segment: segment_session_at(segment, moment) for segment in Segment}
    return MarketStatus(moment, segments[Segment.EQUITY], segments, simulated=market_never_closes())


def market_never_closes() -> bool:
    """Whether a simulated market stands in for the exchange: open, and making candles, around the clock."""
    return settings.SIMULATED_MARKET_ALWAYS_OPEN and state() is None


def _segment_session(segment: Segment, at: datetime) -> SessionState:
    on = exchange_date(at)
    windows = session_windows(segment, on)
    phase = phase_at(windows, at)
    session = next_continuous(windows, at)
    if session is None:
        session = _next_open.get((segment, on), lambda: _next_session(segment, on))
    return SessionState(
        phase,
        session.starts if session else None,
        session.ends if session else None,
        _reason(phase, windows, on, at),
    )


def _next_session(segment: Segment, after: date) -> PhaseWindow | None:
    try:
        on = calendar_for(Exchange.NSE).next_trading_day(after)
        windows = session_windows(segment, on)
        return next_continuous(windows, windows[0].starts)
    except CalendarUnknown:
        return None


def _reason(phase: Phase, windows: tuple[PhaseWindow, ...], on: date, at: datetime) -> str:
    exception = calendar_for(Exchange.NSE).exception(on)
    if not windows:
        return exception.name if exception else "weekend"
    if phase is not Phase.CLOSED:
        return exception.name if exception else phase.replace("_", " ").lower()
    if at < windows[0].starts:
        return "before the session"
    return "after the session" if at >= windows[-1].ends else "between sessions"
