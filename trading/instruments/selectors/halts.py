"""Halts in force. Each process remembers them for seconds; a new one is told to all at once."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from core.cache import Cache
from core.clock import IST, ist_day_span

from ..domain.breakers import BreakerTerms
from ..domain.sessions import exchange_date
from ..models import BreakerRule, TradingHalt
from ..process_cache import REFERENCE

# A bell may be missed; nobody trades into a halt for longer than this.
HALT_SECONDS = 5
RULE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Halt:
    """No matching in [starts_at, ends_at), an end of None being open; `instrument_id` None is the whole market."""

    instrument_id: int | None
    level: Decimal | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str

    @property
    def explanation(self) -> str:
        """The reason and, if it is known, when trading resumes (IST)."""
        if self.ends_at is None:
            return f"halted: {self.reason}"
        ends = self.ends_at.astimezone(IST)
        starts = self.starts_at.astimezone(IST)
        until = f"{ends:%H:%M}" if ends.date() == starts.date() else "the next session"
        return f"halted: {self.reason}, until {until}"


_halts: Cache[date, tuple[Halt, ...]] = Cache("instruments.halts", seconds=HALT_SECONDS, group=REFERENCE)
_breakers: Cache[str, tuple[BreakerTerms, ...]] = Cache(
    "instruments.breakers", seconds=RULE_SECONDS, group=REFERENCE
)


def halt_at(instrument_id: int | None, at: datetime) -> Halt | None:
    """The halt that an instrument is under at an instant, its own or the market's; for None only the market's."""
    for halt in halts_on(exchange_date(at)):
        if halt.instrument_id not in (None, instrument_id):
            continue
        if halt.starts_at <= at and (halt.ends_at is None or at < halt.ends_at):
            return halt
    return None


def halts_on(on: date) -> tuple[Halt, ...]:
    """All halts that touch an exchange date."""
    return _halts.get(on, lambda: _load(on))


def breaker_rules() -> tuple[BreakerTerms, ...]:
    """The market-wide circuit breakers of all times."""
    return _breakers.get("all", lambda: tuple(rule.domain for rule in BreakerRule.objects.all()))


def _load(on: date) -> tuple[Halt, ...]:
    starts, ends = ist_day_span(on)
    rows = TradingHalt.objects.filter(Q(ends_at=None) | Q(ends_at__gt=starts), starts_at__lt=ends)
    return tuple(
        Halt(row.instrument_id, row.level, row.starts_at, row.ends_at, row.reason)
        for row in rows.order_by("starts_at", "id")
    )
