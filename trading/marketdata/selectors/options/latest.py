"""The chain as it stands now, from the latest quotes."""

from collections.abc import Mapping
from datetime import date, datetime

from core import clock

from ...domain.options.build import ChainTerms, build_chain
from ...domain.options.chain import LegQuote, OptionChain, UnderlyingQuote
from ...domain.quote import Quote
from ..quotes import quotes_latest
from .contracts import ChainContracts, ListedOption, chain_contracts
from .previous import PreviousSession, previous_sessions
from .quoted import Freshness, quoted
from .rates import interest_rate
from .session import last_trading_moment


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


def _market(contracts: ChainContracts, quotes: Mapping[str, Quote], is_fresh: Freshness) -> UnderlyingQuote:
    spot, future = (
        quote.ltp if quote is not None and is_fresh(quote) and quote.ltp > 0 else None
        for quote in (quotes.get(contracts.spot_key), quotes.get(contracts.future_key))
    )
    return UnderlyingQuote(spot=spot, spot_key=contracts.spot_key, future=future, future_key=contracts.future_key)


def _leg(
    option: ListedOption, quote: Quote | None, previous: PreviousSession | None, is_fresh: Freshness
) -> LegQuote:
    told = quoted(quote, previous, is_fresh)
    return LegQuote(key=option.key, strike=option.strike, is_call=option.is_call, **told)
