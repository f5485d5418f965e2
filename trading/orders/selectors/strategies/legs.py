"""From the legs that were asked for to contracts of one underlying that still trade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.domain.actor import Actor
from core import clock
from core.errors import InvalidInput, NotFound, SaudaError
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get, instruments_by_key, market_never_closes
from trading.marketdata.domain.options.life import expires_at
from trading.orders.domain.strategy_leg import MOST_LEGS, MOST_LOTS, StrategyLeg, legs_check, legs_of_text
from trading.portfolio.selectors import positions


@dataclass(frozen=True, slots=True)
class NamedLeg:
    """A leg and the contract that it names."""

    asked: StrategyLeg
    instrument: Instrument

    @property
    def quantity(self) -> int:
        """Signed units."""
        return self.asked.side.sign * self.asked.lots * self.instrument.lot_size


def legs_named(legs: Sequence[StrategyLeg]) -> list[NamedLeg]:
    """The legs with their contracts, in the order given.

    Raises InvalidInput (`no_legs`, what `legs_check` raises, `different_underlyings`, `contract_expired`,
    `not_tradable`) and NotFound (`unknown_symbol`).
    """
    if not legs:
        raise InvalidInput("A strategy needs a leg.", code="no_legs", errors={"legs": ["is empty"]})
    legs_check(legs)
    named = [NamedLeg(leg, instrument_get(leg.key)) for leg in legs]
    now = clock.now()
    for leg in named:
        if not leg.instrument.is_tradable:
            raise _refused(
                "not_tradable", f"{leg.instrument.key} is an index: its futures and options can be traded."
            )
        if is_expired(leg.instrument, now):
            raise _refused("contract_expired", f"{leg.instrument.key} expired on {leg.instrument.expiry}.")
    found = sorted({underlying_of(leg.instrument) for leg in named})
    if len(found) > 1:
        raise _refused("different_underlyings", f"The legs are of {' and '.join(found)}: a strategy is of one.")
    return named


def legs_found(text: str) -> tuple[list[NamedLeg], list[SaudaError]]:
    """What can be made of the legs of an address, and why the others cannot: each is looked at by itself.

    Legs of another underlying than the first good one's are among the others, and so are those too many.
    """
    found: list[NamedLeg] = []
    problems: list[SaudaError] = []
    for part in text.split(","):
        if not part.strip():
            continue
        try:
            (leg,) = legs_named(legs_of_text(part))
            legs_named([*(each.asked for each in found), leg.asked])
        except (InvalidInput, NotFound) as error:
            problems.append(error)
        else:
            found.append(leg)
    return found, problems


def underlying_of(instrument: Instrument) -> str:
    """The symbol of what the contract is on; of a share its own."""
    return instrument.underlying or instrument.symbol


def is_expired(instrument: Instrument, at: datetime) -> bool:
    """Whether the contract's last session is over; in a market that never closes, its last day."""
    if instrument.expiry is None:
        return False
    if market_never_closes():
        return instrument.expiry < clock.trading_date(at)
    return expires_at(instrument.expiry) <= at


def held_legs(actor: Actor, *, account_id: UUID, underlying: str) -> list[StrategyLeg]:
    """The account's open positions on the underlying as legs that are held, at their average prices.

    A position that is no whole number of lots is left out, as is one of which no leg can be made.
    """
    found = positions(actor, account_id=account_id, only_open=True)
    known = instruments_by_key([each.symbol for each in found])
    legs = []
    for each in found:
        instrument = known.get(each.symbol)
        if instrument is None or not each.quantity or underlying_of(instrument) != underlying:
            continue
        lots, rest = divmod(abs(each.quantity), instrument.lot_size)
        if rest or lots > MOST_LOTS or is_expired(instrument, clock.now()):
            continue
        side = Side.BUY if each.quantity > 0 else Side.SELL
        price = each.average_price if each.average_price > 0 else None
        legs.append(StrategyLeg(instrument.key, side, lots, price, is_held=True))
    return legs[:MOST_LEGS]


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, errors={"legs": [message]})
