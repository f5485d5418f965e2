"""Making a chain of quotes: the forward first, then every leg's volatility and Greeks in two calls of the
kernel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import exp, isfinite
from statistics import median

import numpy as np

from . import kernel
from .chain import ChainRow, ForwardSource, LegQuote, OptionChain, OptionLeg, Premium, UnderlyingQuote
from .life import years_to

# Parity is read at so many strikes nearest to the money, and the median taken: one bad print moves nothing.
_PARITY_STRIKES = 3
_TWO = Decimal(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTerms:
    """What a chain is of, and when. `rate` is annual and continuous."""

    underlying: str
    exchange: str
    expiry: date
    lot_size: int
    at: datetime
    rate: float


def build_chain(terms: ChainTerms, quotes: Sequence[LegQuote], market: UnderlyingQuote) -> OptionChain:
    """The chain of these contracts. Stale legs keep their last prices, but imply nothing and enter no forward."""
    years = years_to(terms.expiry, terms.at)
    premiums = [_premium(each) for each in quotes]
    growth = exp(terms.rate * years)
    synthetic = _synthetic(quotes, premiums, market, growth)
    forward, source = _forward(market, synthetic, growth)
    legs = _legs(quotes, premiums, forward, years, terms.rate)
    return OptionChain(
        underlying=terms.underlying,
        exchange=terms.exchange,
        expiry=terms.expiry,
        at=terms.at,
        years=years,
        rate=terms.rate,
        lot_size=terms.lot_size,
        market=market,
        forward=forward,
        forward_source=source,
        synthetic=synthetic,
        atm_strike=_nearest({each.strike for each in quotes}, forward),
        rows=_rows(legs),
    )


def _premium(quote: LegQuote) -> tuple[Decimal, Premium] | None:
    """The last price, or the middle of the book where the last lies outside it; None for a stale leg."""
    if quote.stale:
        return None
    bid, ask, ltp = quote.bid, quote.ask, quote.ltp
    if bid is not None and ask is not None and 0 < bid <= ask and not (ltp is not None and bid <= ltp <= ask):
        return (bid + ask) / _TWO, Premium.MID
    return (ltp, Premium.LTP) if ltp is not None and ltp > 0 else None


def _synthetic(
    quotes: Sequence[LegQuote],
    premiums: Sequence[tuple[Decimal, Premium] | None],
    market: UnderlyingQuote,
    growth: float,
) -> float | None:
    """Strike + (call - put) x growth, the median over the strikes nearest to the money that have both."""
    pairs: dict[Decimal, dict[bool, float]] = {}
    for quote, premium in zip(quotes, premiums, strict=True):
        if premium is not None:
            pairs.setdefault(quote.strike, {})[quote.is_call] = float(premium[0])
    gaps = {strike: pair[True] - pair[False] for strike, pair in pairs.items() if len(pair) == 2}
    around = market.future or market.spot
    distance = {
        strike: abs(float(strike - around)) if around is not None else abs(gap) for strike, gap in gaps.items()
    }
    nearest = sorted(gaps, key=lambda strike: (distance[strike], strike))[:_PARITY_STRIKES]
    return median(float(strike) + gaps[strike] * growth for strike in nearest) if nearest else None


def _forward(
    market: UnderlyingQuote, synthetic: float | None, growth: float
) -> tuple[float, ForwardSource] | tuple[None, None]:
    if market.future is not None:
        return float(market.future), ForwardSource.FUTURE
    if synthetic is not None and synthetic > 0:
        return synthetic, ForwardSource.SYNTHETIC
    if market.spot is not None:
        return float(market.spot) * growth, ForwardSource.CARRIED
    return None, None


def _nearest(strikes: set[Decimal], forward: float | None) -> Decimal | None:
    if forward is None or not strikes:
        return None
    return min(strikes, key=lambda strike: (abs(float(strike) - forward), strike))


def _legs(
    quotes: Sequence[LegQuote],
    premiums: Sequence[tuple[Decimal, Premium] | None],
    forward: float | None,
    years: float,
    rate: float,
) -> list[OptionLeg]:
    is_call = np.array([each.is_call for each in quotes], dtype=bool)
    strike = np.array([float(each.strike) for each in quotes])
    paid = np.array([np.nan if each is None else float(each[0]) for each in premiums])
    known = np.nan if forward is None else forward
    iv = kernel.implied_volatility(paid, is_call, known, strike, years, rate=rate)
    # Of the spot that the forward is carried from at the rate, like the house's margin and risk figures.
    found = kernel.greeks(is_call, known * exp(-rate * years), strike, years, iv, rate=rate, carry=rate)
    columns = (iv, found.delta, found.gamma, found.theta, found.vega, found.rho)
    figures = np.column_stack(columns).tolist() if quotes else []
    return [
        _leg(quote, premium, forward, row) for quote, premium, row in zip(quotes, premiums, figures, strict=True)
    ]


def _leg(
    quote: LegQuote, premium: tuple[Decimal, Premium] | None, forward: float | None, row: Sequence[float]
) -> OptionLeg:
    iv, delta, gamma, theta, vega, rho = (value if isfinite(value) else None for value in row)
    intrinsic = None
    if forward is not None:
        gap = forward - float(quote.strike)
        intrinsic = Decimal(f"{max(gap if quote.is_call else -gap, 0.0):.2f}")
    price = premium[0] if premium else None
    return OptionLeg(
        quote=quote,
        priced_by=premium[1] if premium else None,
        premium=price,
        intrinsic=intrinsic,
        time_value=None if price is None or intrinsic is None else price - intrinsic,
        iv=iv,
        delta=delta,
        gamma=gamma,
        theta=theta,
        vega=vega,
        rho=rho,
    )


def _rows(legs: Sequence[OptionLeg]) -> tuple[ChainRow, ...]:
    by_strike: dict[Decimal, dict[bool, OptionLeg]] = {}
    for leg in legs:
        by_strike.setdefault(leg.quote.strike, {})[leg.quote.is_call] = leg
    return tuple(ChainRow(strike, pair.get(True), pair.get(False)) for strike, pair in sorted(by_strike.items()))
