"""The option kernel's inner loops, compiled by numba. Importing this module compiles them, or loads what an earlier
process left on disk; `kernel` does so at the first use, `kernel.warm_up` ahead of it.

All take flat contiguous float64 arrays of one length and fill `out`. Everything is Black's formula on the forward
F = S exp(bT) with the discount exp(-rT), written for the out-of-the-money side where a difference would lose
digits.
"""

from collections.abc import Callable
from math import erfc, exp, inf, isnan, log, nan, pi, sqrt
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Loop = TypeVar("Loop", bound=Callable[..., Any])
FloatArray = NDArray[np.float64]

_SQRT_HALF = sqrt(0.5)
_SQRT_TWO_PI = sqrt(2.0 * pi)
_EPSILON = float(np.finfo(np.float64).eps)
# Below this standard deviation an option is worth its intrinsic value to double precision.
_NO_DEVIATION = 1e-10
_DAYS = 365.0
_ROUNDS = 100


def _compiled(signature: str) -> Callable[[Loop], Loop]:
    """Compiled for one signature and kept on disk; where nothing may be written, compiled by each process."""

    def compile_loop(loop: Loop) -> Loop:
        # numba's stubs know the compiled function as its own type; to callers it is the function it was.
        try:
            compiled: Any = numba.njit(signature, cache=True, error_model="numpy")(loop)
        except RuntimeError as error:
            # numba raises a bare RuntimeError when neither the source's folder nor the user's cache is writable.
            if "cannot cache function" not in str(error):
                raise
            compiled = numba.njit(signature, error_model="numpy")(loop)
        return cast(Loop, compiled)

    return compile_loop


@_compiled("float64(float64)")
def _cumulative(x: float) -> float:
    """The standard normal distribution function; relative precision holds in the lower tail."""
    return 0.5 * erfc(-x * _SQRT_HALF)


@_compiled("float64(float64, float64, float64, float64)")
def _undiscounted(sign: float, forward: float, strike: float, deviation: float) -> float:
    """What the option pays on average at its end."""
    intrinsic = max(sign * (forward - strike), 0.0)
    if deviation <= _NO_DEVIATION:
        return intrinsic
    d1 = log(forward / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    value = sign * (forward * _cumulative(sign * d1) - strike * _cumulative(sign * d2))
    return max(value, intrinsic)


@_compiled(f"void({', '.join(['float64[::1]'] * 8)})")
def price_loop(
    sign: FloatArray,
    underlying: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    volatility: FloatArray,
    rate: FloatArray,
    carry: FloatArray,
    out: FloatArray,
) -> None:
    """Premiums."""
    for i in range(out.shape[0]):
        if not (underlying[i] > 0.0 and strike[i] > 0.0 and volatility[i] >= 0.0) or isnan(years[i]):
            out[i] = nan
            continue
        life = max(years[i], 0.0)
        forward = underlying[i] * exp(carry[i] * life)
        out[i] = exp(-rate[i] * life) * _undiscounted(sign[i], forward, strike[i], volatility[i] * sqrt(life))


@_compiled(f"void({', '.join(['float64[::1]'] * 7)}, boolean, float64[:, ::1])")
def greeks_loop(
    sign: FloatArray,
    underlying: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    volatility: FloatArray,
    rate: FloatArray,
    carry: FloatArray,
    on_forward: bool,
    out: FloatArray,
) -> None:
    """Rows of `out`: delta, gamma, vega a point, theta a calendar day, rho a point."""
    for i in range(out.shape[1]):
        if not (underlying[i] > 0.0 and strike[i] > 0.0 and volatility[i] >= 0.0) or isnan(years[i]):
            out[:, i] = nan
            continue
        life, s, r, b = max(years[i], 0.0), sign[i], rate[i], carry[i]
        root = sqrt(life)
        grown, discount = exp((b - r) * life), exp(-r * life)
        deviation = volatility[i] * root
        distance = log(underlying[i] / strike[i]) + b * life
        if deviation <= _NO_DEVIATION:
            first = 0.5 if distance == 0.0 else (1.0 if s * distance > 0.0 else 0.0)
            second = first
            bell, gamma = 0.0, 0.0
        else:
            d1 = distance / deviation + 0.5 * deviation
            first, second = _cumulative(s * d1), _cumulative(s * (d1 - deviation))
            bell = exp(-0.5 * d1 * d1) / _SQRT_TWO_PI
            gamma = grown * bell / (underlying[i] * deviation)
        held, paid = underlying[i] * grown, strike[i] * discount
        out[0, i] = s * grown * first
        out[1, i] = gamma
        out[2, i] = held * bell * root / 100.0
        if life == 0.0:
            out[3, i] = out[4, i] = 0.0
            continue
        decay = -held * bell * volatility[i] / (2.0 * root)
        out[3, i] = (decay - s * (b - r) * held * first - s * r * paid * second) / _DAYS
        if on_forward:
            out[4, i] = -life * s * (held * first - paid * second) / 100.0
        else:
            out[4, i] = s * life * paid * second / 100.0


@_compiled("UniTuple(float64, 2)(float64, float64)")
def _normalised(x: float, deviation: float) -> tuple[float, float]:
    """An out-of-the-money call (log-moneyness x <= 0) over sqrt(forward x strike), and its slope in `deviation`."""
    h, t = x / deviation, 0.5 * deviation
    half = exp(0.5 * x)
    value = half * _cumulative(h + t) - _cumulative(h - t) / half
    return max(value, 0.0), exp(-0.5 * (h * h + t * t)) / _SQRT_TWO_PI


@_compiled("float64(float64, float64)")
def _deviation_of(target: float, x: float) -> float:
    """The standard deviation at which `_normalised(x, ·)` is `target`; 0 < target < exp(x/2).

    Halley's rule on the price above its point of inflection, on the price's logarithm below, from a guess near the
    root; a step that leaves the bracket of the root is replaced by halving it. Follows the regions, not the code,
    of P. Jäckel, "Let's be rational" (2015).
    """
    turn = sqrt(2.0 * abs(x))
    at_turn = _normalised(x, turn)[0] if turn > 0.0 else 0.0
    in_wing = target < at_turn
    if in_wing:
        lowest, highest = 0.0, turn
        guess = abs(x) / sqrt(0.5 * abs(x) + 2.0 * log(at_turn / target))
    else:
        lowest, highest = turn, inf
        guess = max(turn, target * _SQRT_TWO_PI)
    s = min(max(guess, 1e-8), 50.0)
    goal = log(target)
    for _ in range(_ROUNDS):
        value, slope = _normalised(x, s)
        if value < target:
            lowest = s
        elif value > target:
            highest = s
        else:
            break
        bend = x * x / (s * s * s) - 0.25 * s
        step = nan
        if in_wing and value > 0.0 and slope > 0.0:
            # In the wing the price falls like exp(-x²/2s²), so the reciprocal of its logarithm is nearly a
            # parabola.
            known = log(value)
            step = (goal - known) * known * value / (goal * slope)
            bend = bend - slope / value * (1.0 + 2.0 / known)
        elif slope > 0.0:
            step = (target - value) / slope
        step = step / max(1.0 + 0.5 * step * bend, 0.25)
        moved = s + step
        if not lowest < moved < highest:
            moved = 0.5 * (lowest + highest) if highest < inf else 2.0 * s
        if abs(moved - s) <= 4.0 * _EPSILON * s:
            s = moved
            break
        s = moved
    return s


@_compiled(f"void({', '.join(['float64[::1]'] * 8)})")
def volatility_loop(
    premium: FloatArray,
    sign: FloatArray,
    underlying: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    carry: FloatArray,
    out: FloatArray,
) -> None:
    """Implied volatilities, NaN where there is none."""
    for i in range(out.shape[0]):
        out[i] = nan
        if not (premium[i] > 0.0 and underlying[i] > 0.0 and strike[i] > 0.0 and years[i] > 0.0):
            continue
        forward = underlying[i] * exp(carry[i] * years[i])
        value = premium[i] * exp(rate[i] * years[i])
        intrinsic = max(sign[i] * (forward - strike[i]), 0.0)
        time_value = value - intrinsic
        # What is left after a subtraction is rounding, not time value, when it is this small.
        noise = 8.0 * _EPSILON * max(forward, strike[i]) if intrinsic > 0.0 else 0.0
        if not noise < time_value < min(forward, strike[i]):
            continue
        middle = sqrt(forward * strike[i])
        out[i] = _deviation_of(time_value / middle, -abs(log(forward / strike[i]))) / sqrt(years[i])
