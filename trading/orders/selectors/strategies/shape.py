"""A strategy's analysis as the API shows it: money, prices and figures as decimal strings."""

from decimal import Decimal
from math import isfinite
from typing import Any

from trading.marketdata.domain.options.piecewise import Extreme, Interval
from trading.orders.selectors.strategies.analysis import Curve, GreekSum, LegResult, Point, StrategyAnalysis

_PLACES = {"delta": 4, "gamma": 6, "vega": 2, "theta": 2, "rho": 2}


def analysis_shape(found: StrategyAnalysis) -> dict[str, Any]:
    """The analysis; margin and charges are another question and stand beside it."""
    market, ends = found.market, found.outcome
    return {
        "underlying": market.underlying,
        "spot": _fixed(market.spot),
        "stale": market.stale,
        "at": market.at.isoformat(),
        "rate": f"{market.rate:.4f}",
        "expires_at": None if found.ends_at is None else found.ends_at.isoformat(),
        "last_expires_at": None if found.last_ends_at is None else found.last_ends_at.isoformat(),
        "legs": [_leg(leg) for leg in found.legs],
        "net_premium": _fixed(found.net_premium),
        "basis": str(ends.basis),
        "max_gain": _extreme(ends.best),
        "max_loss": _extreme(ends.worst),
        "break_evens": [_fixed(price) for price in ends.break_evens],
        "searched": None if ends.searched is None else _interval(ends.searched),
        "probability_of_profit": None if ends.probability is None else f"{ends.probability:.4f}",
        "assumption": _assumption(found),
        "greeks": _greeks(found.greeks),
        "now": _point(found.now),
        "what_if": _point(found.what_if),
        "curve": _curve(found.curve),
        "warnings": [{"code": code, "message": message} for code, message in found.warnings],
    }


def _leg(leg: LegResult) -> dict[str, Any]:
    asked, instrument, priced = leg.priced.named.asked, leg.priced.named.instrument, leg.priced
    return {
        "symbol": instrument.key,
        "side": str(asked.side),
        "lots": asked.lots,
        "quantity": abs(priced.leg.quantity),
        "kind": str(priced.leg.kind),
        "strike": None if instrument.strike is None else _fixed(instrument.strike),
        "expiry": None if instrument.expiry is None else instrument.expiry.isoformat(),
        "held": asked.is_held,
        "price": _fixed(priced.leg.entry, at_least=2),
        "price_source": str(priced.price_source),
        "market_price": None if priced.market is None else _fixed(priced.market, at_least=2),
        "stale": priced.stale,
        "iv": None if priced.volatility is None else f"{priced.volatility:.4f}",
        "iv_source": None if priced.volatility_source is None else str(priced.volatility_source),
        "value": _fixed(leg.value),
        "pnl": _fixed(leg.pnl),
        "greeks": _greeks(leg.greeks),
    }


def _interval(found: Interval) -> dict[str, Any]:
    return {"low": _fixed(found.low), "high": None if found.high is None else _fixed(found.high)}


def _extreme(found: Extreme) -> dict[str, Any]:
    return {
        "unbounded": found.is_unbounded,
        "amount": None if found.amount is None else _fixed(found.amount),
        "at": None if found.at is None else _fixed(found.at),
    }


def _assumption(found: StrategyAnalysis) -> dict[str, Any] | None:
    outlook = found.outlook
    if outlook is None:
        return None
    return {
        "distribution": "lognormal",
        "forward": _fixed(outlook.forward),
        "volatility": f"{outlook.volatility:.4f}",
        "days": f"{outlook.years * 365:.2f}",
    }


def _greeks(found: GreekSum) -> dict[str, str]:
    return {name: _fixed(getattr(found, name), at_least=places) for name, places in _PLACES.items()}


def _point(found: Point) -> dict[str, Any]:
    return {"at": found.at.isoformat(), "spot": _fixed(found.spot), "pnl": _fixed(found.pnl)}


def _curve(found: Curve) -> dict[str, list[str]]:
    columns = {"spot": found.spots, "expiry": found.at_expiry, "now": found.now, "what_if": found.what_if}
    return {name: [_fixed(value) for value in column] for name, column in columns.items()}


def _fixed(number: float | Decimal, *, at_least: int = 2) -> str:
    """So many places, without a negative zero; a price on a finer tick keeps its own."""
    if isinstance(number, float) and not isfinite(number):
        return "0.00"
    exponent = number.normalize().as_tuple().exponent if isinstance(number, Decimal) else 0
    places = max(at_least, min(-exponent, 4)) if isinstance(exponent, int) else at_least
    text = f"{number:.{places}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text
