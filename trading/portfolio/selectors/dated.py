"""The dated rules of the days: fees of plans, settlement cycle, square-off times. Remembered for half a minute."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings

from core.cache import Cache
from core.clock import IST, ist_day_span
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase, PhaseWindow, Segment
from trading.instruments.process_cache import REFERENCE
from trading.instruments.selectors import calendar_for, market_never_closes, session_windows
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.portfolio.models import PlanFee, SettlementCycle, SquareOffRule

_KEEP_SECONDS = 30.0
_BEFORE_CLOSE = timedelta(minutes=10)

_fees: Cache[tuple[str, str, date], PlanFee | None] = Cache(
    "portfolio.plan_fees", seconds=_KEEP_SECONDS, group=REFERENCE
)
_cycles: Cache[date, SettlementCycle | None] = Cache("portfolio.cycles", seconds=_KEEP_SECONDS, group=REFERENCE)
_square_off: Cache[tuple[str, date], SquareOffRule | None] = Cache(
    "portfolio.square_off", seconds=_KEEP_SECONDS, group=REFERENCE
)


def plan_fee(plan: str, kind: str, day: date) -> PlanFee | None:
    """What a plan charges on a day; None where it charges nothing of this kind."""

    def load() -> PlanFee | None:
        rows = PlanFee.objects.filter(plan=plan, kind=kind, valid_from__lte=day)
        return rows.order_by("-valid_from").first()

    return _fees.get((plan, kind, day), load)


def depository_fee(plan: str, day: date) -> DepositoryFee | None:
    """What a plan charges for a share that leaves the demat account; None where it charges nothing."""
    fee = plan_fee(plan, PlanFee.Kind.DP, day)
    return DepositoryFee(fee.amount, fee.on_unsettled) if fee is not None and fee.amount else None


def financing_rate(plan: str, day: date) -> Decimal:
    """Interest on lent money as a fraction a calendar day; 0 where a plan takes none."""
    fee = plan_fee(plan, PlanFee.Kind.MTF_INTEREST, day)
    return fee.rate if fee is not None else Decimal(0)


def square_off_rule(segment: Segment, day: date) -> SquareOffRule | None:
    """When INTRADAY positions of a segment are closed on a day; None where nobody closes them."""

    def load() -> SquareOffRule | None:
        return SquareOffRule.objects.filter(segment=segment, valid_from__lte=day).order_by("-valid_from").first()

    return _square_off.get((segment, day), load)


@dataclass(frozen=True, slots=True)
class SquareOffTimes:
    """When a segment's intraday trading ends on a day (UTC), and what an order then costs (rupees without GST)."""

    segment: Segment
    warn_at: datetime
    square_off_at: datetime
    session_ends: datetime
    fee: Decimal


def square_off_times(segment: Segment, on: date) -> SquareOffTimes | None:
    """As `session_square_off`, but for a market that never closes: there nobody is squared off, unless settings ask
    for it, and then by the clock."""
    if not market_never_closes():
        return session_square_off(segment, on)
    rule = square_off_rule(segment, on) if settings.SQUARE_OFF_SIMULATED else None
    if rule is None:
        return None
    at, notice = _times_of(rule, on)
    return SquareOffTimes(segment, at - notice, at, ist_day_span(on)[1], rule.fee)


def session_square_off(segment: Segment, on: date) -> SquareOffTimes | None:
    """The rule applied to the exchange's session of a day; None on a day without one, or where no rule holds.

    Where the session ends before the rule's time or begins after it (a short day, Muhurat trading), positions are
    closed ten minutes before it ends.
    """
    rule = square_off_rule(segment, on)
    session = _last_continuous(segment, on)
    if rule is None or session is None:
        return None
    at, notice = _times_of(rule, on)
    if not session.starts < at < session.ends:
        at = session.ends - _BEFORE_CLOSE
    return SquareOffTimes(segment, at - notice, at, session.ends, rule.fee)


def _times_of(rule: SquareOffRule, on: date) -> tuple[datetime, timedelta]:
    at = ist_moment(on, rule.square_off_at)
    return at, at - ist_moment(on, rule.warn_at)


def _last_continuous(segment: Segment, on: date) -> PhaseWindow | None:
    try:
        windows = session_windows(segment, on)
    except CalendarUnknown:
        return None
    return next((window for window in reversed(windows) if window.phase is Phase.CONTINUOUS), None)


def settles_on(trade_date: date) -> date:
    """The day on which shares traded on `trade_date` arrive; by weekdays where no calendar is loaded."""
    on = trade_date
    for _ in range(_cycle(trade_date).days):
        on = _next_trading_day(on)
    return on


def payout_moment(on: date) -> datetime:
    """The instant (UTC) on a settlement day from which the shares have arrived."""
    return ist_moment(on, _cycle(on).payout_at)


def days_to_next(on: date) -> int:
    """Calendar days from one trading day to the next, for interest that runs over weekends."""
    return 1 if market_never_closes() else session_days_to_next(on)


def session_days_to_next(on: date) -> int:
    """As `days_to_next`, by the exchange's calendar even where a simulated market never closes."""
    return (_next_trading_day(on) - on).days


def ist_moment(on: date, at: time) -> datetime:
    """A time of day in India as an instant in UTC."""
    return datetime.combine(on, at, IST).astimezone(UTC)


def _next_trading_day(after: date) -> date:
    try:
        return calendar_for().next_trading_day(after)
    except CalendarUnknown:
        weekend = {4: 3, 5: 2}
        return after + timedelta(days=weekend.get(after.weekday(), 1))


def _cycle(day: date) -> SettlementCycle:

    def load() -> SettlementCycle | None:
        return SettlementCycle.objects.filter(valid_from__lte=day).order_by("-valid_from").first()

    return _cycles.get(day, load) or SettlementCycle(valid_from=day, days=1, payout_at=time(15, 30))
