"""Market-wide circuit breakers: how long everything halts when the index has moved too far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from .sessions import IST, exchange_date

# Either index brings the halt, whichever moves first.
BREAKER_INDICES = ("NSE:NIFTY", "BSE:SENSEX")


@dataclass(frozen=True, slots=True)
class BreakerTerms:
    """A move of `percent` that comes within [starts, ends) IST halts the market for `halt_minutes`.

    None halts it for the rest of the day, 0 not at all. A call auction of `auction_minutes` follows the halt;
    continuous matching resumes after it.
    """

    percent: Decimal
    starts: time
    ends: time
    halt_minutes: int | None
    auction_minutes: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class BreakerHalt:
    """The halt to come: `level` in per cent, until `ends_at` (UTC) for everybody."""

    level: Decimal
    starts_at: datetime
    ends_at: datetime


def breaker_halt(
    rules: Iterable[BreakerTerms], *, move_percent: Decimal, at: datetime, halted: Iterable[Decimal]
) -> BreakerHalt | None:
    """The halt that an index move (per cent, either way) brings at an instant, None when none does.

    Of the levels reached, the highest that has not halted the market today counts; `halted` are those that have.
    A level counts once a day, and no lower level after a higher one.
    """
    local = at.astimezone(IST)
    in_force = _in_force(rules, local.date())
    past = max(halted, default=Decimal(0))
    reached = [
        rule
        for rule in in_force
        if rule.percent <= abs(move_percent) and rule.percent > past and rule.starts <= local.time() < rule.ends
    ]
    if not reached:
        return None
    rule = max(reached, key=lambda rule: rule.percent)
    if rule.halt_minutes == 0:
        return None
    return BreakerHalt(rule.percent, at, _resumes(rule, at))


def _in_force(rules: Iterable[BreakerTerms], on: date) -> list[BreakerTerms]:
    """The rules of the latest table that holds on a date; a table is all rules of one `valid_from`."""
    known = [rule for rule in rules if rule.valid_from <= on]
    latest = max((rule.valid_from for rule in known), default=None)
    return [rule for rule in known if rule.valid_from == latest]


def _resumes(rule: BreakerTerms, at: datetime) -> datetime:
    if rule.halt_minutes is None:
        midnight = datetime.combine(exchange_date(at) + timedelta(days=1), time(), tzinfo=IST)
        return midnight.astimezone(UTC)
    return at + timedelta(minutes=rule.halt_minutes + rule.auction_minutes)
