"""Black's formula in plain numpy: what `bench chain` holds the compiled kernel against. Nothing else uses it."""

import numpy as np

from ..domain.options.kernel import FloatArray

_ROUNDS = 60

# Abramowitz and Stegun 26.2.17 would be quicker and wrong in the eighth digit; this is Hart's, as West prints it.
_ABOVE = (
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_BELOW = (
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)


def numpy_volatility(
    premium: FloatArray, forward: FloatArray, strike: FloatArray, years: float, sign: FloatArray, rate: float
) -> FloatArray:
    """Newton's rule on the price, from the volatility of greatest vega: it converges from there."""
    root = np.sqrt(years)
    value = premium * np.exp(rate * years)
    volatility = np.maximum(np.sqrt(2.0 * np.abs(np.log(forward / strike))) / root, 0.05)
    for _ in range(_ROUNDS):
        deviation = volatility * root
        d1 = np.log(forward / strike) / deviation + 0.5 * deviation
        worth = sign * (forward * _cdf(sign * d1) - strike * _cdf(sign * (d1 - deviation)))
        slope = forward * np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi) * root
        step = (worth - value) / np.maximum(slope, 1e-300)
        volatility = np.maximum(volatility - step, 1e-3)
        if np.all(np.abs(step) < 1e-12):
            break
    found: FloatArray = volatility
    return found


def numpy_greeks(
    forward: FloatArray, strike: FloatArray, years: float, volatility: FloatArray, sign: FloatArray, rate: float
) -> FloatArray:
    """Columns: volatility, delta, gamma, vega, theta, rho, the kernel's units, on the spot behind the forward."""
    deviation = volatility * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    discount = np.exp(-rate * years)
    spot = forward * discount
    bell = np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi)
    exercised = _cdf(sign * (d1 - deviation))
    decay = -spot * bell * deviation / (2.0 * years) - sign * rate * strike * discount * exercised
    columns: FloatArray = np.column_stack(
        (
            volatility,
            sign * _cdf(sign * d1),
            bell / (spot * deviation),
            spot * bell * np.sqrt(years) / 100.0,
            decay / 365.0,
            sign * strike * years * discount * exercised / 100.0,
        )
    )
    return columns


def _cdf(x: FloatArray) -> FloatArray:
    """The normal distribution function for |x| below 7; beyond that it is 0 or 1 to the digits compared here."""
    size = np.minimum(np.abs(x), 7.0)
    tail = np.exp(-0.5 * size * size) * np.polyval(_ABOVE, size) / np.polyval(_BELOW, size)
    cumulative: FloatArray = np.where(x > 0.0, 1.0 - tail, tail)
    return cumulative
