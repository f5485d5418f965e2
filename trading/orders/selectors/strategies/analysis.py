"""What a strategy comes to: ends, odds, Greeks, and its value wherever the market may go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite

import numpy as np

from core.errors import InvalidInput
from trading.marketdata.domain.options.kernel import FloatArray
from trading.marketdata.domain.options.life import SECONDS_PER_YEAR
from trading.marketdata.domain.options.payoff import Leg, LegKind, horizon, net_premium
from trading.marketdata.domain.options.strategy import (
    Basis,
    Outcome,
    Outlook,
    leg_greeks,
    leg_values,
    outcome,
    profits,
)
from trading.orders.domain.strategy_leg import StrategyLeg, WhatIf, what_if_check
from trading.orders.selectors.strategies.legs import legs_named
from trading.orders.selectors.strategies.market import (
    ASSUMED_VOLATILITY,
    PricedLeg,
    StrategyMarket,
    VolatilitySource,
    at_the_money,
    legs_priced,
    strategy_market,
)

_CURVE_POINTS = 121
# The curve shows so many standard deviations to the horizon, at least and at most this part of the spot.
_DEVIATIONS = 3.0
_NARROWEST, _WIDEST = 0.02, 0.9
_ROOM = 1.25
_DAYS = 365.0


@dataclass(frozen=True, slots=True)
class GreekSum:
    """Of a whole leg or strategy: `delta` in units of the underlying, `gamma` per rupee, and rupees per point of
    volatility (`vega`), per calendar day (`theta`), per point of interest (`rho`)."""

    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


@dataclass(frozen=True, slots=True)
class LegResult:
    """A leg at the what-if's market: `value` rupees per unit by model, `pnl` of the whole leg against its entry."""

    priced: PricedLeg
    value: float
    pnl: float
    greeks: GreekSum


@dataclass(frozen=True, slots=True)
class Curve:
    """Rupees gained by the underlying's price: at the horizon, now, and when and as the what-if says."""

    spots: tuple[float, ...]
    at_expiry: tuple[float, ...]
    now: tuple[float, ...]
    what_if: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A moment, a price of the underlying, and what the strategy has gained there, in rupees."""

    at: datetime
    spot: float
    pnl: float


@dataclass(frozen=True, slots=True)
class StrategyAnalysis:
    """The whole answer. `ends_at` is the horizon, `last_ends_at` when the last contract ends, both None of shares
    alone; `warnings` are (code, words)."""

    market: StrategyMarket
    legs: tuple[LegResult, ...]
    net_premium: Decimal
    ends_at: datetime | None
    last_ends_at: datetime | None
    outlook: Outlook | None
    outcome: Outcome
    greeks: GreekSum
    now: Point
    what_if: Point
    curve: Curve
    warnings: tuple[tuple[str, str], ...]


def strategy_analysis(legs: Sequence[StrategyLeg], what_if: WhatIf) -> StrategyAnalysis:
    """Value the legs in the present market and in the what-if's. Reads quotes, writes nothing.

    The what-if's volatility counts everywhere; its spot and its time only for `what_if`, the Greeks and the legs.
    Raises what `legs_named` and `legs_priced` raise, and InvalidInput (`invalid_what_if`, `beyond_expiry`).
    """
    what_if_check(what_if)
    named = legs_named(legs)
    market = strategy_market(named)
    priced = legs_priced(named, market, what_if)
    terms = [each.leg for each in priced]
    until = horizon(terms)
    last = max((each.years for each in terms if each.kind is not LegKind.SHARE), default=None)
    after = _after(what_if, market.at, last)
    spot = _spot(what_if, market.spot)
    outlook = _outlook(market, until, float(what_if.iv_shift) / 100)
    found = outcome(terms, spot=market.spot, rate=market.rate, outlook=outlook)
    results = _legs(priced, spot, after, market.rate)
    return StrategyAnalysis(
        market=market,
        legs=results,
        net_premium=net_premium(terms),
        ends_at=None if until is None else market.at + _span(until),
        last_ends_at=None if last is None else market.at + _span(last),
        outlook=outlook,
        outcome=found,
        greeks=_sum([each.greeks for each in results]),
        now=Point(market.at, market.spot, _profit(terms, market.spot, 0.0, market.rate)),
        what_if=Point(market.at + _span(after), spot, sum(each.pnl for each in results)),
        curve=_curve(terms, market, outlook, found, spot, after),
        warnings=_warnings(priced, market, found, after),
    )


def _after(what_if: WhatIf, now: datetime, until: float | None) -> float:
    """Years ahead that the what-if looks, up to the end of the last contract."""
    seconds = (what_if.at - now).total_seconds() if what_if.at else float(what_if.days) * 86_400
    after = seconds / SECONDS_PER_YEAR
    # A page that asks for the last moment of the last day must get it, whatever the clocks' last seconds say.
    if until is not None and until < after <= until + 120 / SECONDS_PER_YEAR:
        return until
    if after < 0 or (until is not None and after > until):
        message = "must lie between now and the last expiry"
        raise InvalidInput(
            "The chosen date is not before the last expiry.",
            code="beyond_expiry",
            errors={"at" if what_if.at else "days": [message]},
        )
    return after


def _spot(what_if: WhatIf, spot: float) -> float:
    return float(what_if.spot) if what_if.spot is not None else spot * (1 + float(what_if.spot_pct) / 100)


def _span(years: float) -> timedelta:
    return timedelta(seconds=years * SECONDS_PER_YEAR)


def _outlook(market: StrategyMarket, until: float | None, shift: float) -> Outlook | None:
    """The horizon's forward and at-the-money volatility; without options there is none to tell the odds by."""
    nearest = min(market.chains, default=None)
    if nearest is None or until is None:
        return None
    chain = market.chains[nearest]
    volatility = at_the_money(chain) or ASSUMED_VOLATILITY
    basis = chain.forward - market.spot if chain.forward is not None else 0.0
    # Where a future ends before the options, its share of the basis.
    part = min(until / chain.years, 1.0) if chain.years else 1.0
    return Outlook(market.spot + basis * part, max(volatility + shift, 0.001), until)


def _legs(priced: Sequence[PricedLeg], spot: float, after: float, rate: float) -> tuple[LegResult, ...]:
    terms = [each.leg for each in priced]
    values = leg_values(terms, np.array([spot]), after=after, rate=rate)[:, 0]
    found = leg_greeks(terms, spot, after=after, rate=rate)
    columns = zip(found.delta, found.gamma, found.vega, found.theta, found.rho, strict=True)
    return tuple(
        LegResult(
            each,
            float(value),
            float((value - float(each.leg.entry)) * each.leg.quantity),
            # What was settled before that day moves no more.
            _greeks(row if each.leg.years >= after else [0.0] * len(row)),
        )
        for each, value, row in zip(priced, values, columns, strict=True)
    )


def _greeks(row: Sequence[float]) -> GreekSum:
    return GreekSum(*(float(each) if isfinite(each) else 0.0 for each in row))


def _sum(parts: Sequence[GreekSum]) -> GreekSum:
    return GreekSum(
        delta=sum(each.delta for each in parts),
        gamma=sum(each.gamma for each in parts),
        vega=sum(each.vega for each in parts),
        theta=sum(each.theta for each in parts),
        rho=sum(each.rho for each in parts),
    )


def _profit(legs: Sequence[Leg], spot: float, after: float, rate: float) -> float:
    return float(profits(legs, np.array([spot]), after=after, rate=rate)[0])


def _curve(
    legs: Sequence[Leg],
    market: StrategyMarket,
    outlook: Outlook | None,
    found: Outcome,
    what_if_spot: float,
    after: float,
) -> Curve:
    corners = {float(leg.strike) for leg in legs if leg.is_option}
    low, high = _range(market.spot, corners | {what_if_spot}, outlook)
    corners |= {float(zero) for zero in found.break_evens} | {market.spot, what_if_spot}
    spots = np.unique([*np.linspace(low, high, _CURVE_POINTS), *(each for each in corners if low <= each <= high)])
    until = horizon(legs) or 0.0
    return Curve(
        tuple(spots.tolist()),
        _column(profits(legs, spots, after=until, rate=market.rate)),
        _column(profits(legs, spots, after=0.0, rate=market.rate)),
        _column(profits(legs, spots, after=after, rate=market.rate)),
    )


def _range(spot: float, inside: set[float], outlook: Outlook | None) -> tuple[float, float]:
    """Prices around the spot that the horizon may bring, with every strike inside."""
    likely = _DEVIATIONS * outlook.volatility * outlook.years**0.5 if outlook else 0.0
    needed = max((abs(each / spot - 1) for each in inside), default=0.0) * _ROOM
    part = min(max(likely, needed, _NARROWEST), _WIDEST)
    return spot * (1 - part), max(spot * (1 + part), max(inside, default=0.0))


def _column(values: FloatArray) -> tuple[float, ...]:
    return tuple(values.tolist())


def _warnings(
    priced: Sequence[PricedLeg], market: StrategyMarket, found: Outcome, after: float
) -> tuple[tuple[str, str], ...]:
    said: list[tuple[str, str]] = []
    settled = [each.named.instrument.symbol for each in priced if each.leg.years < after]
    if settled:
        names = ", ".join(settled)
        text = f"Ended before the chosen date: {names}. Counted as settled at each spot of the curve."
        said.append(("settled_legs", text))
    stale = [each.named.instrument.symbol for each in priced if each.stale]
    if market.stale or stale:
        names = ", ".join(stale) or market.underlying
        said.append(("stale_prices", f"Not fresh: {names}. The last known prices stand in."))
    if any(each.volatility_source is VolatilitySource.ASSUMED for each in priced):
        said.append(("assumed_volatility", f"No price implies a volatility: {ASSUMED_VOLATILITY:.0%} is assumed."))
    elif any(each.volatility_source is VolatilitySource.NEIGHBOUR for each in priced):
        borrowed = [
            each.named.instrument.symbol for each in priced if each.volatility_source is VolatilitySource.NEIGHBOUR
        ]
        said.append(
            ("borrowed_volatility", f"{', '.join(borrowed)}: volatility of the nearest strike that has one.")
        )
    if found.basis is Basis.MODEL:
        text = "Options of several expiries: at the first one the others are worth what the model says."
        said.append(("several_expiries", text))
    return tuple(said)
