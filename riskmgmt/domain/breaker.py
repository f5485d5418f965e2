"""The circuit breaker of an account, pure: closed → open → half-open → closed.

It opens on a loss, a drawdown, a storm of refusals or a broker that fails. After its cool-off, and only once what
tripped it is gone, it is half-open: exits, or orders of limited size. A calm probation closes it; another trip
opens it again. A loss of the day is gone with the day, a storm with its window.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from core.money import format_inr, from_paise

from .states import State


class BreakerState(StrEnum):
    """CLOSED lets orders through, OPEN stops them, HALF_OPEN tries with exits or small orders."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class Cause(StrEnum):
    """What trips a breaker; MANUAL is a person."""

    DAILY_LOSS = "DAILY_LOSS"
    DRAWDOWN = "DRAWDOWN"
    REJECT_STORM = "REJECT_STORM"
    BROKER_ERRORS = "BROKER_ERRORS"
    MANUAL = "MANUAL"


@dataclass(frozen=True, slots=True)
class Parameters:
    """When a breaker trips; a threshold of None never does. Amounts in rupees."""

    is_enabled: bool = True
    max_loss: Decimal | None = None
    max_drawdown: Decimal | None = None
    reject_count: int | None = 50
    reject_seconds: int = 60
    broker_error_count: int | None = 5
    broker_error_seconds: int = 60
    cool_off_seconds: int = 300
    probation_seconds: int = 300
    open_state: State = State.REDUCING
    half_open_order_value: Decimal | None = None


HOUSE_PARAMETERS = Parameters()


@dataclass(frozen=True, slots=True)
class Readings:
    """The account now: result of the day and fall from its peak in paise, and what went wrong within the windows
    of the parameters and since the breaker last moved."""

    day_pnl_paise: int = 0
    drawdown_paise: int = 0
    rejects: int = 0
    broker_errors: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """What trips the breaker, in a word and in words."""

    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Breaker:
    """A breaker's state, since when, and what last tripped it."""

    state: BreakerState
    since: datetime
    trip: Trip | None = None


def trip_of(readings: Readings, parameters: Parameters) -> Trip | None:
    """What is wrong at this moment, the gravest first; None when nothing is."""
    if not parameters.is_enabled:
        return None
    loss, drawdown = from_paise(-readings.day_pnl_paise), from_paise(readings.drawdown_paise)
    if parameters.max_loss is not None and loss >= parameters.max_loss:
        return Trip(
            Cause.DAILY_LOSS, f"The day's loss of {format_inr(loss)} reached {format_inr(parameters.max_loss)}."
        )
    if parameters.max_drawdown is not None and drawdown >= parameters.max_drawdown:
        limit = format_inr(parameters.max_drawdown)
        return Trip(Cause.DRAWDOWN, f"The day's result fell {format_inr(drawdown)} from its peak, at most {limit}.")
    if parameters.reject_count and readings.rejects >= parameters.reject_count:
        return Trip(Cause.REJECT_STORM, f"{readings.rejects} orders refused within {parameters.reject_seconds} s.")
    if parameters.broker_error_count and readings.broker_errors >= parameters.broker_error_count:
        text = f"{readings.broker_errors} broker errors within {parameters.broker_error_seconds} s."
        return Trip(Cause.BROKER_ERRORS, text)
    return None


def step(breaker: Breaker, readings: Readings, parameters: Parameters, *, at: datetime) -> Breaker:
    """The breaker a moment later; the same value when nothing moves it."""
    trip = trip_of(readings, parameters)
    elapsed = at - breaker.since
    match breaker.state:
        case BreakerState.CLOSED | BreakerState.HALF_OPEN if trip is not None:
            return Breaker(BreakerState.OPEN, at, trip)
        case BreakerState.OPEN if trip is None and elapsed >= timedelta(seconds=parameters.cool_off_seconds):
            return replace(breaker, state=BreakerState.HALF_OPEN, since=at)
        case BreakerState.HALF_OPEN if elapsed >= timedelta(seconds=parameters.probation_seconds):
            return Breaker(BreakerState.CLOSED, at)
    return breaker
