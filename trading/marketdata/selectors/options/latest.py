"""The chain as it stands now, from the latest quotes."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings

from core import clock

from ...domain.options.build import ChainTerms, build_chain
from ...domain.options.chain import LegQuote, OptionChain, UnderlyingQuote
from ...domain.quote import Quote
from ..quotes import quotes_latest
from .contracts import ChainContracts, ListedOption, chain_contracts
from .previous import previous_sessions
from .rates import interest_rate


def chain_latest(underlying: str, expiry: date) -> OptionChain:
    """The chain of an underlying (``NIFTY``) and expiry at market time now: one round trip to the quote store.

    A leg whose quote is older than `QUOTE_STALE_AFTER` is stale; so is one that no feed has told of. Raises
    NotFound (``unknown_underlying``, ``no_such_expiry``), and `Unavailable` while the quote store is.
    """
    contracts = chain_contracts(underlying, expiry)
    return chain_of_quotes(contracts, quotes_latest(contracts.keys), at=clock.now(), wall=clock.wall_now())


def chain_of_quotes(
    contracts: ChainContracts, quotes: Mapping[str, Quote], *, at: datetime, wall: datetime
) -> OptionChain:
    """The chain at market time `at` that these quotes make; their age is judged at `wall`."""
    after: timedelta = settings.QUOTE_STALE_AFTER
    day = clock.trading_date(at)
    previous = previous_sessions(contracts, day)
    terms = ChainTerms(
        underlying=contracts.underlying,
        exchange=contracts.exchange,
        expiry=contracts.expiry,
        lot_size=contracts.lot_size,
        at=at,
        rate=interest_rate(day),
    )
    legs = [_leg(each, quotes.get(each.key), previous.get(each.id), wall - after) for each in contracts.options]
    return build_chain(terms, legs, _market(contracts, quotes, wall - after))


def _market(contracts: ChainContracts, quotes: Mapping[str, Quote], fresh_since: datetime) -> UnderlyingQuote:
    spot, future = (
        quote.ltp if quote is not None and quote.received_at >= fresh_since and quote.ltp > 0 else None
        for quote in (quotes.get(contracts.spot_key), quotes.get(contracts.future_key))
    )
    return UnderlyingQuote(spot=spot, spot_key=contracts.spot_key, future=future, future_key=contracts.future_key)


def _leg(option: ListedOption, quote: Quote | None, previous_oi: int | None, fresh_since: datetime) -> LegQuote:
    if quote is None:
        return LegQuote(
            key=option.key, strike=option.strike, is_call=option.is_call, previous_oi=previous_oi, stale=True
        )
    return LegQuote(
        key=option.key,
        strike=option.strike,
        is_call=option.is_call,
        ltp=quote.ltp,
        close=quote.close,
        bid=quote.bid,
        ask=quote.ask,
        bid_quantity=quote.bid_quantity,
        ask_quantity=quote.ask_quantity,
        volume=quote.volume,
        oi=quote.oi,
        previous_oi=previous_oi,
        timestamp=quote.timestamp,
        stale=quote.received_at < fresh_since,
    )
