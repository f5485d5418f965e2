"""The market that a strategy is valued in: spot, chains, and a price and a volatility for each leg."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import exp, inf

from django.conf import settings

from core import clock
from core.errors import Unprocessable
from trading.instruments.models import OPTION_TYPES, InstrumentType
from trading.marketdata.domain.options.chain import OptionChain, OptionLeg
from trading.marketdata.domain.options.life import years_to
from trading.marketdata.domain.options.payoff import Leg, LegKind
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.marketdata.selectors.options import chain_latest, interest_rate
from trading.orders.domain.strategy_leg import WhatIf
from trading.orders.selectors.strategies.legs import NamedLeg, underlying_of
from trading.portfolio.selectors.span import related

KINDS = {InstrumentType.CALL: LegKind.CALL, InstrumentType.PUT: LegKind.PUT, InstrumentType.FUTURE: LegKind.FUTURE}
# Where a chain implies no volatility at all: about what an index has in a quiet year, and said to be assumed.
ASSUMED_VOLATILITY = 0.15
_LEAST_VOLATILITY = 0.001


class PriceSource(StrEnum):
    """Where a leg's entry price comes from."""

    GIVEN = "GIVEN"
    LTP = "LTP"
    MID = "MID"


class VolatilitySource(StrEnum):
    """Where a leg's volatility comes from."""

    IMPLIED = "IMPLIED"
    """By its own price."""
    NEIGHBOUR = "NEIGHBOUR"
    """By the price of the nearest strike that implies one."""
    ASSUMED = "ASSUMED"


@dataclass(frozen=True, slots=True)
class PricedLeg:
    """A leg with its terms for the model. `market` is rupees per unit, `volatility` annual, before any what-if;
    both None where there is none. `stale` where the price is older than the feed vouches for."""

    named: NamedLeg
    leg: Leg
    market: Decimal | None
    price_source: PriceSource
    volatility: float | None
    volatility_source: VolatilitySource | None
    stale: bool


@dataclass(frozen=True, slots=True)
class StrategyMarket:
    """Where an underlying and its chains stand. `spot` is rupees; stale where nothing fresh tells it."""

    underlying: str
    at: datetime
    spot: float
    spot_key: str
    stale: bool
    rate: float
    chains: Mapping[date, OptionChain]
    quotes: Mapping[str, Quote]


def strategy_market(legs: Sequence[NamedLeg]) -> StrategyMarket:
    """Read the quotes and chains that the legs need.

    Raises Unprocessable (`no_underlying_price`) where nothing tells where the underlying stands.
    """
    at = clock.now()
    today = clock.trading_date(at)
    contract = next((leg.instrument for leg in legs if leg.instrument.underlying), legs[0].instrument)
    underlying = underlying_of(contract)
    options = [leg.instrument for leg in legs if leg.instrument.instrument_type in OPTION_TYPES]
    expiries = sorted({each.expiry for each in options if each.expiry is not None})
    chains = {expiry: chain_latest(f"{contract.exchange}:{underlying}", expiry) for expiry in expiries}
    known = related(contract.exchange, underlying, today)
    keys = [known.cash_key, *(key for key, _ in known.futures), *(leg.instrument.key for leg in legs)]
    quotes = quotes_latest(keys)
    spot, guessed = _spot(known.cash_key, [key for key, _ in known.futures], chains, quotes)
    stale = guessed or _is_stale(quotes.get(known.cash_key))
    return StrategyMarket(underlying, at, spot, known.cash_key, stale, interest_rate(today), chains, quotes)


def legs_priced(legs: Sequence[NamedLeg], market: StrategyMarket, what_if: WhatIf) -> list[PricedLeg]:
    """Each leg at its entry price with the volatility that its price implies, shifted as the what-if says.

    Raises Unprocessable (`no_price`) for a leg that nobody has quoted and whose price is not given.
    """
    return [_priced(leg, market, float(what_if.iv_shift + leg.asked.iv_shift) / 100) for leg in legs]


def at_the_money(chain: OptionChain) -> float | None:
    """The mean volatility of the call and the put nearest to the money that imply one."""
    if chain.atm_strike is None:
        return None
    row = next((each for each in chain.rows if each.strike == chain.atm_strike), None)
    found = [leg.iv for leg in (row.call, row.put) if leg and leg.iv] if row else []
    return sum(found) / len(found) if found else _neighbour(chain, chain.atm_strike)


def _spot(
    cash_key: str, futures: Sequence[str], chains: Mapping[date, OptionChain], quotes: Mapping[str, Quote]
) -> tuple[float, bool]:
    """The underlying's own price, else the first chain's forward brought back, else a future's: (price, guess)."""
    own = quotes.get(cash_key)
    if own is not None and own.ltp > 0:
        return float(own.ltp), False
    for chain in chains.values():
        if chain.forward is not None:
            return chain.forward * exp(-chain.rate * chain.years), True
    found = next((quotes[key] for key in futures if key in quotes and quotes[key].ltp > 0), None)
    if found is None:
        raise Unprocessable("Nothing tells where the underlying stands.", code="no_underlying_price")
    return float(found.ltp), True


def _priced(named: NamedLeg, market: StrategyMarket, shift: float) -> PricedLeg:
    instrument = named.instrument
    kind = KINDS.get(InstrumentType(instrument.instrument_type), LegKind.SHARE)
    years = years_to(instrument.expiry, market.at) if instrument.expiry else inf
    if kind in (LegKind.CALL, LegKind.PUT):
        return _option(named, kind, years, market, shift)
    quote = market.quotes.get(instrument.key)
    price = quote.ltp if quote is not None and quote.ltp > 0 else None
    entry, source = _entry(named, price, PriceSource.LTP)
    leg = Leg(
        kind=kind,
        quantity=named.quantity,
        entry=entry,
        years=years,
        basis=float(price) - market.spot if kind is LegKind.FUTURE and price is not None else 0.0,
    )
    return PricedLeg(named, leg, price, source, None, None, _is_stale(quote))


def _option(named: NamedLeg, kind: LegKind, years: float, market: StrategyMarket, shift: float) -> PricedLeg:
    instrument = named.instrument
    assert instrument.expiry is not None
    chain = market.chains[instrument.expiry]
    found = next((leg for leg in chain.legs if leg.quote.key == instrument.key), None)
    price, shown = _premium(found)
    entry, source = _entry(named, price, shown)
    strike = instrument.strike or Decimal(0)
    volatility, by = _volatility(chain, found, strike)
    forward = chain.forward if chain.forward is not None else market.spot * exp(chain.rate * chain.years)
    leg = Leg(
        kind=kind,
        quantity=named.quantity,
        entry=entry,
        strike=strike,
        years=years,
        volatility=max(volatility + shift, _LEAST_VOLATILITY),
        basis=forward * exp(-chain.rate * chain.years) - market.spot,
    )
    return PricedLeg(named, leg, price, source, volatility, by, found is None or found.quote.stale)


def _is_stale(quote: Quote | None) -> bool:
    return quote is None or quote.is_stale(clock.wall_now(), settings.QUOTE_STALE_AFTER)


def _premium(leg: OptionLeg | None) -> tuple[Decimal | None, PriceSource]:
    """The chain's premium; of a stale leg the last price."""
    if leg is None:
        return None, PriceSource.LTP
    if leg.premium is not None:
        return leg.premium, PriceSource(str(leg.priced_by))
    return (leg.quote.ltp or None), PriceSource.LTP


def _entry(named: NamedLeg, market: Decimal | None, source: PriceSource) -> tuple[Decimal, PriceSource]:
    if named.asked.price is not None:
        return named.asked.price, PriceSource.GIVEN
    if market is None:
        key = named.instrument.key
        raise Unprocessable(
            f"Nobody has quoted {key}: give its price.", code="no_price", errors={"legs": [f"{key} has no price"]}
        )
    return market, source


def _volatility(chain: OptionChain, leg: OptionLeg | None, strike: Decimal) -> tuple[float, VolatilitySource]:
    if leg is not None and leg.iv is not None:
        return leg.iv, VolatilitySource.IMPLIED
    near = _neighbour(chain, strike)
    return (ASSUMED_VOLATILITY, VolatilitySource.ASSUMED) if near is None else (near, VolatilitySource.NEIGHBOUR)


def _neighbour(chain: OptionChain, strike: Decimal) -> float | None:
    known = [(abs(leg.quote.strike - strike), leg.iv) for leg in chain.legs if leg.iv is not None]
    return min(known)[1] if known else None
