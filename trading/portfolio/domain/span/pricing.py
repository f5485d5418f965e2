"""European options on a forward (Black, 1976), vectorised: prices, Greeks and the volatility that a price implies.

With the forward of a share or an index, spot times exp(rate x years), this is Black-Scholes-Merton. Arrays
broadcast; prices are rupees per unit, `sign` is +1 for calls and -1 for puts, volatility is annual.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LOWEST_VOLATILITY = 0.01
HIGHEST_VOLATILITY = 5.0
_LEAST_DEVIATION = 1e-9
_SQRT_TWO_PI = float(np.sqrt(2.0 * np.pi))
_ROUNDS = 12
_HALVINGS = 60
_CLOSE_ENOUGH = 1e-12
# Less time value than this part of the forward is noise of ticks and rounding.
_LEAST_TIME_VALUE = 1e-8

# Hart's rational approximation 5666 as printed in West, "Better approximations to cumulative normal functions"
# (Wilmott, 2005): double precision.
_HART_ABOVE = (
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_HART_BELOW = (
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)
_HART_LIMIT = 7.07106781186547
_UNDERFLOW = 37.0


@dataclass(frozen=True, slots=True)
class Greeks:
    """Per unit: `delta` per rupee of the underlying, `gamma` per rupee squared, `vega` per point (1 %) of
    volatility, `theta` per calendar day, `rho` per point (1 %) of interest; all but delta and gamma in rupees."""

    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    rho: FloatArray


def normal_cdf(x: FloatArray) -> FloatArray:
    """The standard normal distribution function, to double precision."""
    size = np.minimum(np.abs(x), _UNDERFLOW)
    bell = np.exp(-0.5 * size * size)
    tail = bell * _polynomial(_HART_ABOVE, size) / _polynomial(_HART_BELOW, size)
    far = size > _HART_LIMIT
    if far.any():
        out = size[far]
        fraction = out + 1.0 / (out + 2.0 / (out + 3.0 / (out + 4.0 / (out + 0.65))))
        tail[far] = bell[far] / fraction / _SQRT_TWO_PI
    cumulative: FloatArray = np.where(x > 0.0, 1.0 - tail, tail)
    return cumulative


def normal_pdf(x: FloatArray) -> FloatArray:
    """The standard normal density."""
    density: FloatArray = np.exp(-0.5 * x * x) / _SQRT_TWO_PI
    return density


def black_price(
    forward: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    volatility: FloatArray,
    sign: FloatArray,
    *,
    rate: float,
) -> FloatArray:
    """Premiums in rupees per unit, never negative. Without time or volatility, the discounted intrinsic value."""
    life = np.maximum(years, 0.0)
    deviation = np.maximum(volatility * np.sqrt(life), _LEAST_DEVIATION)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    undiscounted = sign * (forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * d2))
    price: FloatArray = np.exp(-rate * life) * np.maximum(undiscounted, 0.0)
    return price


def greeks(
    forward: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    volatility: FloatArray,
    sign: FloatArray,
    *,
    rate: float,
) -> Greeks:
    """Sensitivities to the spot that the forward is carried from (spot = forward x exp(-rate x years))."""
    life = np.maximum(years, 1e-9)
    root = np.sqrt(life)
    deviation = np.maximum(volatility * root, _LEAST_DEVIATION)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    discount = np.exp(-rate * life)
    spot = forward * discount
    bell = normal_pdf(d1)
    exercised = normal_cdf(sign * d2)
    decay = -spot * bell * deviation / (2.0 * life) - sign * rate * strike * discount * exercised
    return Greeks(
        delta=sign * normal_cdf(sign * d1),
        gamma=bell / (spot * deviation),
        vega=spot * bell * root / 100.0,
        theta=decay / 365.0,
        rho=sign * strike * life * discount * exercised / 100.0,
    )


def implied_volatility(
    price: FloatArray,
    forward: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    sign: FloatArray,
    *,
    rate: float,
    fallback: float,
) -> FloatArray:
    """The volatility that gives each price; `fallback` where none does.

    None does for a price that is NaN, at or below the intrinsic value, above what the option can be worth, for an
    option without time, or beyond 1 % to 500 %. Solved on the out-of-the-money side in units of
    sqrt(forward x strike), with Halley's rule from near the root and bisection for what that leaves.
    """
    life = np.maximum(years, 0.0)
    value = price * np.exp(rate * life)
    time_value = value - np.maximum(sign * (forward - strike), 0.0)
    most = np.minimum(forward, strike)
    solvable = (life > 0.0) & (time_value > _LEAST_TIME_VALUE * forward) & (time_value < most * (1.0 - 1e-9))
    found = np.full(np.broadcast(price, forward, strike, life, sign).shape, float(fallback))
    if solvable.any():
        f, k, t, v = (np.broadcast_to(each, found.shape)[solvable] for each in (forward, strike, life, time_value))
        volatility = _deviation_of(v / np.sqrt(f * k), -np.abs(np.log(f / k))) / np.sqrt(t)
        in_range = (volatility >= LOWEST_VOLATILITY) & (volatility <= HIGHEST_VOLATILITY)
        found[solvable] = np.where(in_range, volatility, fallback)
    return found


def _deviation_of(target: FloatArray, x: FloatArray) -> FloatArray:
    """The standard deviation at which a normalised out-of-the-money call with log-moneyness `x` is `target`."""
    turn = np.sqrt(2.0 * np.abs(x))
    at_turn, _ = _normalised(np.maximum(turn, _LEAST_DEVIATION), x)
    low = target < at_turn
    wing = np.sqrt(np.maximum(0.5 * np.abs(x) - 2.0 * np.log(np.where(low, target / at_turn, 1.0)), 1e-12))
    s = np.where(low, np.abs(x) / wing, np.maximum(turn, target * _SQRT_TWO_PI))
    log_target = np.log(target)
    for _ in range(_ROUNDS):
        b, slope = _normalised(s, x)
        bend = x * x / s**3 - 0.25 * s
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log_b = np.log(b)
            # In the wing the price falls like exp(-x²/2s²), so 1/log(price) is nearly a parabola.
            ratio = slope / (b * log_b)
            low_step = (log_b - log_target) / log_target / -ratio
            low_bend = bend - slope / b * (1.0 + 2.0 / log_b)
            high_step = (target - b) / slope
            step = np.where(low, low_step, high_step)
            step = step / np.maximum(1.0 + 0.5 * step * np.where(low, low_bend, bend), 0.5)
        step = np.clip(np.nan_to_num(step), -0.7 * s, s + 0.5)
        s = s + step
        if np.all(np.abs(step) <= _CLOSE_ENOUGH * s):
            break
    return _bisected(s, target, x)


def _bisected(s: FloatArray, target: FloatArray, x: FloatArray) -> FloatArray:
    """`s` where it solves the equation; what does not is searched for by halving."""
    b, _ = _normalised(s, x)
    missed = ~(np.abs(b - target) <= 1e-9 * target)
    if missed.any():
        low, high = np.full(missed.sum(), 1e-6), np.full(missed.sum(), 20.0)
        goal, moneyness = target[missed], x[missed]
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            short = _normalised(middle, moneyness)[0] < goal
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        s = s.copy()
        s[missed] = 0.5 * (low + high)
    return s


def _normalised(s: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A call's price over sqrt(forward x strike) at deviation `s`, and its slope in `s`."""
    h, t = x / s, 0.5 * s
    both = normal_cdf(np.concatenate((h + t, h - t)))
    half = np.exp(0.5 * x)
    slope = np.exp(-0.5 * (h * h + t * t)) / _SQRT_TWO_PI
    price = np.maximum(half * both[: len(s)] - both[len(s) :] / half, 1e-300)
    return price, slope


def _polynomial(coefficients: tuple[float, ...], x: FloatArray) -> FloatArray:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total
