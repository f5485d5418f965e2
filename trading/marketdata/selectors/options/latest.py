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
from .previous import PreviousSession, previous_sessions
from .rates import interest_rate
from .session import last_trading_moment

# After the close nothing arrives any more; what was told so shortly before it is the closing state.
_CLOSING_SPAN = timedelta(minutes=5)


def chain_latest(underlying: str, expiry: date) -> OptionChain:
    """The chain of an underlying (``NIFTY``) and expiry at market time now: one round trip to the quote store.

    A leg whose quote is older than `QUOTE_STALE_AFTER` is stale; so is one that no feed has told of. While the
    market is shut, the chain is that of its close. Raises NotFound (``unknown_underlying``, ``no_such_expiry``),
    and `Unavailable` while the quote store is.
    """
    contracts = chain_contracts(underlying, expiry)
    return chain_of_quotes(contracts, quotes_latest(contracts.keys), at=clock.now(), wall=clock.wall_now())


def chain_of_quotes(
    contracts: ChainContracts, quotes: Mapping[str, Quote], *, at: datetime, wall: datetime
) -> OptionChain:
    """The chain at market time `at` that these quotes make; their age is judged at `wall`, or at the close."""
    moment = last_trading_moment(at)
    freshness = Freshness(closed_at=moment if moment < at else None, wall=wall)
    previous = previous_sessions([each.id for each in contracts.options], clock.trading_date(moment))
    legs = [_leg(each, quotes.get(each.key), previous.get(each.id), freshness) for each in contracts.options]
    return build_chain(chain_terms(contracts, moment), legs, _market(contracts, quotes, freshness))


def chain_terms(contracts: ChainContracts, at: datetime) -> ChainTerms:
    """What a chain at a moment is made with."""
    return ChainTerms(
        underlying=contracts.underlying,
        exchange=contracts.exchange,
        expiry=contracts.expiry,
        lot_size=contracts.lot_size,
        at=at,
        rate=interest_rate(clock.trading_date(at)),
    )


class Freshness:
    """Which quotes may be used: those the feed confirmed just now, after the close those of its last minutes."""

    def __init__(self, *, closed_at: datetime | None, wall: datetime) -> None:
        after: timedelta = settings.QUOTE_STALE_AFTER
        self._since = wall - after
        self._closing = None if closed_at is None else closed_at - _CLOSING_SPAN

    def __call__(self, quote: Quote) -> bool:
        if self._closing is not None:
            return quote.timestamp >= self._closing
        return quote.received_at >= self._since


def _market(contracts: ChainContracts, quotes: Mapping[str, Quote], is_fresh: Freshness) -> UnderlyingQuote:
    spot, future = (
        quote.ltp if quote is not None and is_fresh(quote) and quote.ltp > 0 else None
        for quote in (quotes.get(contracts.spot_key), quotes.get(contracts.future_key))
    )
    return UnderlyingQuote(spot=spot, spot_key=contracts.spot_key, future=future, future_key=contracts.future_key)


def _leg(
    option: ListedOption, quote: Quote | None, previous: PreviousSession | None, is_fresh: Freshness
) -> LegQuote:
    previous_oi = previous.oi if previous else None
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
        stale=not is_fresh(quote),
    )
