"""Risk arrays: what one unit of each contract loses in each of the sixteen scenarios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.kernel import FloatArray
from trading.portfolio.domain.span.parameters import SpanParameters

# Price moves in scan ranges, each with volatility up and down, then the two extreme moves at unchanged volatility.
_THIRDS = (0.0, 1 / 3, -1 / 3, 2 / 3, -2 / 3, 1.0, -1.0)
_MOVES = np.array([move for move in _THIRDS for _ in range(2)])
_VOLATILITY_MOVES = np.array([1.0, -1.0] * len(_THIRDS) + [0.0, 0.0])
SCENARIOS = len(_VOLATILITY_MOVES)
# Prices stay above zero however wide the scan range is.
_LEAST_PRICE = 1e-3
# What a price implies beyond these is a bad print, not a volatility.
_LOWEST_VOLATILITY = 0.01
_HIGHEST_VOLATILITY = 5.0


@dataclass(frozen=True, slots=True)
class Contract:
    """A future (`sign` 0) or an option (+1 call, -1 put). `years` to its end, `price` in rupees, None unknown."""

    sign: int
    expiry: date
    years: float
    strike: float = 0.0
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Underlying:
    """Where an underlying stands: its price in rupees, and the forwards that its futures show by expiry.

    An expiry without a future is carried from the price at the risk-free rate.
    """

    price: float
    forwards: Mapping[date, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RiskArrays:
    """Per unit of each contract, in rupees: `values` now, `losses` of a long unit by scenario (contracts x 16),
    `deltas`; and the contracts' kind, forward and expiry (an index into `expiries`) as arrays."""

    contracts: tuple[Contract, ...]
    parameters: SpanParameters
    underlying_price: float
    values: FloatArray
    losses: FloatArray
    deltas: FloatArray
    forwards: FloatArray
    volatilities: FloatArray
    is_option: NDArray[np.bool_]
    expires_today: NDArray[np.bool_]
    is_last_day: bool
    expiries: tuple[date, ...]
    expiry_of: NDArray[np.intp]


def risk_arrays(
    contracts: Sequence[Contract], underlying: Underlying, parameters: SpanParameters, *, today: date
) -> RiskArrays:
    """Value every contract now and in each scenario; a few array operations however many there are.

    An option is worth what its implied volatility says, so that scenarios start at its market price; where the
    price implies none, what the parameters' volatility says.
    """
    rate = parameters.risk_free_rate
    expiries = tuple(sorted({each.expiry for each in contracts}))
    sign = np.array([float(each.sign) for each in contracts])
    years = np.array([max(each.years, 0.0) for each in contracts])
    strike = np.array([each.strike or 1.0 for each in contracts])
    price = np.array([np.nan if each.price is None else each.price for each in contracts])
    carried = underlying.price * np.exp(rate * years)
    shown = [underlying.forwards.get(each.expiry) for each in contracts]
    forward = np.array([carry if seen is None else seen for carry, seen in zip(carried, shown, strict=True)])
    is_option = sign != 0.0
    volatility = np.full(len(contracts), parameters.default_volatility)
    values = np.zeros(len(contracts))
    deltas = np.ones(len(contracts))
    shifts = _price_moves(parameters) * parameters.price_scan_range * underlying.price
    losses = np.repeat(-shifts[np.newaxis, :], len(contracts), axis=0)
    if is_option.any():
        f, k, t, s = (each[is_option] for each in (forward, strike, years, sign))
        calls = s > 0.0
        implied = kernel.implied_volatility(price[is_option], calls, f, k, t, rate=rate)
        usable = (implied >= _LOWEST_VOLATILITY) & (implied <= _HIGHEST_VOLATILITY)
        implied = np.where(usable, implied, parameters.default_volatility)
        moved = np.maximum(f[:, np.newaxis] + shifts, _LEAST_PRICE)
        scanned = implied[:, np.newaxis] + _VOLATILITY_MOVES * parameters.volatility_scan_range
        # The present stands in a column of its own, so that base and scenarios are one evaluation.
        grid = kernel.price(
            calls[:, np.newaxis],
            np.concatenate((f[:, np.newaxis], moved), axis=1),
            k[:, np.newaxis],
            t[:, np.newaxis],
            np.maximum(np.concatenate((implied[:, np.newaxis], scanned), axis=1), 0.0),
            rate=rate,
        )
        volatility[is_option] = implied
        values[is_option] = grid[:, 0]
        losses[is_option] = grid[:, :1] - grid[:, 1:]
        deltas[is_option] = kernel.greeks(calls, f * np.exp(-rate * t), k, t, implied, rate=rate, carry=rate).delta
    losses[:, -2:] *= parameters.extreme_cover
    return RiskArrays(
        contracts=tuple(contracts),
        parameters=parameters,
        underlying_price=underlying.price,
        values=values,
        losses=losses,
        deltas=deltas,
        forwards=forward,
        volatilities=volatility,
        is_option=is_option,
        expires_today=np.array([each.expiry <= today for each in contracts], dtype=bool),
        is_last_day=any(each.expiry <= today for each in contracts),
        expiries=expiries,
        expiry_of=np.array([expiries.index(each.expiry) for each in contracts], dtype=np.intp),
    )


def _price_moves(parameters: SpanParameters) -> FloatArray:
    return np.append(_MOVES, (parameters.extreme_move, -parameters.extreme_move))
