"""The chain as it stood at a past minute, of live or expired contracts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan

from core import clock
from core.errors import InvalidInput, NotFound

from ...domain.options.build import build_chain
from ...domain.options.chain import LegQuote, OptionChain, UnderlyingQuote
from ...domain.options.life import expires_at
from .contracts import ChainContracts, ListedOption, chain_contracts
from .day import ChainDay, chain_day
from .latest import chain_latest, chain_terms
from .previous import PreviousSession, previous_sessions
from .session import last_trading_moment
from .stored import StoredMinute, StoredMinutes, last_minutes

# A contract that has not traded for so long says nothing about the forward of now.
STALE_AFTER = timedelta(minutes=5)


def chain_now(underlying: str, expiry: date) -> OptionChain:
    """`chain_latest`, which expired options have none of: raises InvalidInput ``expired`` for them."""
    contracts = chain_contracts(underlying, expiry)
    check_moment(contracts.expiry, clock.now())
    return chain_latest(underlying, expiry)


def chain_at(underlying: str, expiry: date, at: datetime) -> OptionChain:
    """The chain as of the last whole minute at a past moment of the market clock; outside hours, at the last close.

    From the contracts' stored candles, and from the chain's stored minutes and imports where they know more. Raises
    NotFound (``unknown_underlying``, ``no_such_expiry``, ``no_chain_then``) and InvalidInput (``at_in_future``,
    ``expired``).
    """
    contracts = chain_contracts(underlying, expiry)
    check_moment(expiry, at)
    moment = last_trading_moment(at).replace(second=0, microsecond=0)
    day = clock.trading_date(moment)
    stored = last_minutes([each.id for each in contracts.options], clock.ist_day_start(day), moment)
    chain = chain_of_day(contracts, chain_day(contracts, day), stored, moment)
    if all(leg.quote.timestamp is None for leg in chain.legs):
        raise NotFound(
            f"Nothing is stored of {contracts.underlying} {expiry} at {at.astimezone(clock.IST):%d %b %Y %H:%M}.",
            code="no_chain_then",
        )
    return chain


def check_moment(expiry: date, at: datetime) -> None:
    """Raises InvalidInput for a moment that is still to come or at which the options were gone."""
    if at > clock.now():
        raise InvalidInput(
            "That moment is still to come.", code="at_in_future", errors={"at": ["Must not be in the future."]}
        )
    if at > expires_at(expiry) and clock.trading_date(at) > expiry:
        raise InvalidInput(
            f"These options expired on {expiry}: ask for a moment before with `at`.",
            code="expired",
            errors={"at": [f"Must not be after {expiry}."]},
        )


def chain_of_day(contracts: ChainContracts, day: ChainDay, stored: StoredMinutes, moment: datetime) -> OptionChain:
    """The chain at a whole minute of a loaded day."""
    on = clock.trading_date(moment)
    ids = [each.id for each in contracts.options]
    previous = previous_sessions(ids, on)
    minutes = stored.until(moment)
    legs = [_leg(each, day, moment, previous.get(each.id), minutes.get(each.id)) for each in contracts.options]
    return build_chain(chain_terms(contracts, moment), legs, _market(contracts, day, moment, minutes))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A price with the moment it is of."""

    price: Decimal
    at: datetime


def _seen(day: ChainDay, instrument_id: int | None, moment: datetime) -> _Seen | None:
    column = day.column(moment)
    if instrument_id is None or column < 0:
        return None
    row = day.rows[instrument_id]
    close = float(day.close[row, column])
    return None if isnan(close) else _Seen(_rupees(close), datetime.fromtimestamp(int(day.seen[row, column]), UTC))


def _rupees(value: float) -> Decimal:
    return (
        Decimal(f"{value:.4f}").quantize(Decimal("0.01"))
        if round(value * 10_000) % 100 == 0
        else Decimal(f"{value:.4f}")
    )


def _market(
    contracts: ChainContracts, day: ChainDay, moment: datetime, minutes: Mapping[int, StoredMinute]
) -> UnderlyingQuote:
    prices = []
    for instrument_id in (contracts.spot_id, contracts.future_id):
        seen = _seen(day, instrument_id, moment)
        prices.append(seen.price if seen is not None and moment - seen.at <= STALE_AFTER else None)
    spot, future = prices
    if spot is None:
        told = [row for row in minutes.values() if row.spot is not None and moment - row.at <= STALE_AFTER]
        spot = max(told, key=lambda row: row.at).spot if told else None
    return UnderlyingQuote(spot=spot, spot_key=contracts.spot_key, future=future, future_key=contracts.future_key)


def _leg(
    option: ListedOption,
    day: ChainDay,
    moment: datetime,
    previous: PreviousSession | None,
    minute: StoredMinute | None,
) -> LegQuote:
    seen = _seen(day, option.id, moment)
    column = day.column(moment)
    row = day.rows[option.id]
    ltp, at = (seen.price, seen.at) if seen else (None, None)
    volume, oi = (int(day.volume[row, column]), int(day.oi[row, column])) if seen else (0, 0)
    previous_oi = previous.oi if previous else None
    has_book = minute is not None and moment - minute.at <= STALE_AFTER
    # A feed's trades are in its candles to the last one; an imported chain may know of later ones.
    if minute is not None and (at is None or (minute.at > at and not minute.is_from_feed)):
        ltp, at, volume, oi = minute.ltp, minute.at, minute.volume, minute.oi
    if minute is not None and previous_oi is None:
        previous_oi = minute.previous_oi
    return LegQuote(
        key=option.key,
        strike=option.strike,
        is_call=option.is_call,
        ltp=ltp,
        close=previous.close if previous else None,
        bid=minute.bid if minute is not None and has_book else None,
        ask=minute.ask if minute is not None and has_book else None,
        bid_quantity=minute.bid_quantity if minute is not None and has_book else 0,
        ask_quantity=minute.ask_quantity if minute is not None and has_book else 0,
        volume=volume,
        oi=oi,
        previous_oi=previous_oi,
        timestamp=at,
        stale=at is None or moment - at > STALE_AFTER,
    )
