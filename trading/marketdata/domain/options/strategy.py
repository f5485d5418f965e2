"""A strategy by model: what its legs are worth at any price and time before they expire, and how it can end."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import exp, log

import numpy as np

from . import kernel
from .kernel import FloatArray, Greeks
from .payoff import (
    Leg,
    LegKind,
    horizon,
    is_exact,
    payoff_at_expiry,
    probability_within,
    tail_units,
)
from .piecewise import Extreme, Interval

_PAISA = Decimal("0.01")
# Where nothing bounds the search, look this many standard deviations and at least this far (a factor) both ways.
_DEVIATIONS = 6.0
_LEAST_SPREAD = log(1.5)
_SEARCH_POINTS = 2001
_HALVINGS = 50
_ZOOMS = 5
_ZOOM_POINTS = 41
_LEAST_PRICE = 1e-6


class Basis(StrEnum):
    """How the figures at the horizon were found."""

    EXACT = "EXACT"
    """All options expire then: straight lines, solved exactly."""
    MODEL = "MODEL"
    """Some live on and are worth what the model says: searched for within a range of prices."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the underlying may stand at the horizon: the forward for it and one annual volatility until it."""

    forward: float
    volatility: float
    years: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a strategy can end at its horizon. Amounts are rupees, prices the underlying's.

    `searched` is the range of prices in which break-evens and extremes by MODEL were looked for; whether there are
    bounds is known without looking. `probability` is that of a gain, None without an outlook.
    """

    basis: Basis
    break_evens: tuple[Decimal, ...]
    gains: tuple[Interval, ...]
    best: Extreme
    worst: Extreme
    searched: Interval | None
    probability: float | None


def leg_values(legs: Sequence[Leg], spots: FloatArray, *, after: float, rate: float) -> FloatArray:
    """Rupees per unit by leg (rows) and spot (columns), `after` years from now; expired options' intrinsic."""
    out = np.empty((len(legs), len(spots)))
    options = [place for place, leg in enumerate(legs) if leg.is_option]
    for place, leg in enumerate(legs):
        out[place] = spots + leg.basis_after(after)
    if options:
        chosen = [legs[place] for place in options]
        out[options] = kernel.price(
            np.array([[leg.kind is LegKind.CALL] for leg in chosen]),
            np.maximum(out[options], _LEAST_PRICE),
            np.array([[float(leg.strike)] for leg in chosen]),
            np.array([[max(leg.years - after, 0.0)] for leg in chosen]),
            # What has expired needs no volatility, known or not.
            np.array([[leg.volatility if leg.years > after else 0.0] for leg in chosen]),
            rate=rate,
            carry=rate,
        )
    return out


def profits(legs: Sequence[Leg], spots: FloatArray, *, after: float, rate: float) -> FloatArray:
    """Rupees gained against the entry prices at each spot, `after` years from now."""
    quantities = np.array([float(leg.quantity) for leg in legs])
    paid = float(sum((leg.entry * leg.quantity for leg in legs), Decimal(0)))
    total: FloatArray = quantities @ leg_values(legs, spots, after=after, rate=rate) - paid
    return total


def leg_greeks(legs: Sequence[Leg], spot: float, *, after: float, rate: float) -> Greeks:
    """Of each whole leg (times its quantity), at a spot so long from now; units as in `kernel.Greeks`."""
    quantities = np.array([float(leg.quantity) for leg in legs])
    table = np.zeros((5, len(legs)))
    table[0] = 1.0
    options = [place for place, leg in enumerate(legs) if leg.is_option]
    if options:
        chosen = [legs[place] for place in options]
        found = kernel.greeks(
            np.array([leg.kind is LegKind.CALL for leg in chosen]),
            np.maximum([spot + leg.basis_after(after) for leg in chosen], _LEAST_PRICE),
            np.array([float(leg.strike) for leg in chosen]),
            np.array([max(leg.years - after, 0.0) for leg in chosen]),
            np.array([leg.volatility for leg in chosen]),
            rate=rate,
            carry=rate,
        )
        table[:, options] = found.delta, found.gamma, found.vega, found.theta, found.rho
    return Greeks(*(table * quantities))


def outcome(legs: Sequence[Leg], *, spot: float, rate: float, outlook: Outlook | None) -> Outcome:
    """Break-evens, the best and the worst end, and the chance of a gain, all at the strategy's horizon."""
    if is_exact(legs):
        payoff = payoff_at_expiry(legs)
        gains = payoff.gains()
        return Outcome(
            Basis.EXACT,
            payoff.zeros(),
            gains,
            payoff.highest(),
            payoff.lowest(),
            None,
            _probability(gains, outlook),
        )
    return _searched(legs, spot, rate, outlook)


def _searched(legs: Sequence[Leg], spot: float, rate: float, outlook: Outlook | None) -> Outcome:
    until = horizon(legs) or 0.0
    grid = _grid(legs, spot)
    made = profits(legs, grid, after=until, rate=rate)
    zeros = _zeros(legs, grid, made, until, rate)
    gains = _gains(zeros, grid, made)
    units = tail_units(legs)
    return Outcome(
        Basis.MODEL,
        tuple(_price(zero) for zero in zeros),
        gains,
        Extreme(None, None) if units > 0 else _extreme(legs, grid, made, until, rate, sign=1.0),
        Extreme(None, None) if units < 0 else _extreme(legs, grid, made, until, rate, sign=-1.0),
        Interval(Decimal(0), _price(float(grid[-1]))),
        _probability(gains, outlook),
    )


def _grid(legs: Sequence[Leg], spot: float) -> FloatArray:
    """Prices from nothing to beyond where the underlying can be expected, dense around it, all strikes inside."""
    options = [leg for leg in legs if leg.is_option]
    widest = max((leg.volatility * leg.years**0.5 for leg in options), default=0.0)
    factor = exp(max(_DEVIATIONS * widest, _LEAST_SPREAD))
    strikes = [float(leg.strike) for leg in options]
    low, high = min([spot, *strikes]) / factor, max([spot, *strikes]) * factor
    below = np.linspace(_LEAST_PRICE, low, _ZOOM_POINTS)
    return np.unique(np.concatenate((below, np.geomspace(low, high, _SEARCH_POINTS), strikes)))


def _zeros(legs: Sequence[Leg], grid: FloatArray, made: FloatArray, until: float, rate: float) -> list[float]:
    """Sign changes between neighbours on the grid, halved until they are known to a millionth of a paisa."""
    turns = np.flatnonzero(np.sign(made[:-1]) * np.sign(made[1:]) < 0)
    low, high = grid[turns].copy(), grid[turns + 1].copy()
    if turns.size:
        rising = made[turns] < 0
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            below = (profits(legs, middle, after=until, rate=rate) < 0) == rising
            low, high = np.where(below, middle, low), np.where(below, high, middle)
    return sorted({*(0.5 * (low + high)).tolist(), *grid[made == 0.0].tolist()})


def _gains(zeros: Sequence[float], grid: FloatArray, made: FloatArray) -> tuple[Interval, ...]:
    """The stretches between zeros that gain; the first reaches down to zero, the last up without end."""
    found = []
    for low, high in zip([0.0, *zeros], [*zeros, None], strict=True):
        inside = made[(grid > low) & (grid < (np.inf if high is None else high))]
        if inside.size and inside.max() > 0:
            found.append(Interval(_price(low), None if high is None else _price(high)))
    return tuple(found)


def _extreme(
    legs: Sequence[Leg], grid: FloatArray, made: FloatArray, until: float, rate: float, *, sign: float
) -> Extreme:
    """The best (`sign` 1) or worst (-1) on the grid, looked at ever closer."""
    place = int(np.argmax(made * sign))
    at, amount = float(grid[place]), float(made[place])
    low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)])
    for _ in range(_ZOOMS):
        near = np.linspace(low, high, _ZOOM_POINTS)
        values = profits(legs, near, after=until, rate=rate)
        best = int(np.argmax(values * sign))
        if values[best] * sign > amount * sign:
            at, amount = float(near[best]), float(values[best])
        low, high = float(near[max(best - 1, 0)]), float(near[min(best + 1, _ZOOM_POINTS - 1)])
    return Extreme(Decimal(amount).quantize(_PAISA), _price(at))


def _probability(gains: Sequence[Interval], outlook: Outlook | None) -> float | None:
    if outlook is None or outlook.forward <= 0:
        return None
    return probability_within(gains, forward=outlook.forward, volatility=outlook.volatility, years=outlook.years)


def _price(number: float) -> Decimal:
    return Decimal(number).quantize(_PAISA)
