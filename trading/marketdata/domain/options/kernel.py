"""European options after Black, Scholes, Merton and Black (1976): prices, implied volatilities, Greeks. The house's
only one.

Everything is vectorised: arguments broadcast against each other like numpy's and the answers have the broadcast
shape. Prices are rupees per unit, `years` is the time to expiry in years of 365 days, `volatility`, `rate` and
`carry` are annual and continuously compounded (0.065 for 6.5 %); any of the last two may be negative.

What the `underlying` is, `carry` says. None (Black, 1976): a forward or future for the option's expiry. A number
(Black-Scholes-Merton): a spot that grows at that cost of carry, which is `rate` for a share without dividends and
`rate` less the yield for one with. The forward is spot x exp(carry x years) either way.
"""

import logging
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

logger = logging.getLogger(__name__)

FloatArray = NDArray[np.float64]

# A load from disk takes well under this; longer means that this process compiled.
_COMPILED_AFTER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Greeks:
    """Per unit of the option: `delta` per rupee of the underlying, `gamma` per rupee squared, `vega` per point (1
    %) of volatility, `theta` per calendar day, `rho` per point (1 %) of the rate; all but delta and gamma in
    rupees.

    `rho` of an option on a spot moves the carry with the rate (the dividend yield stays), that of an option on a
    forward only the discount (the forward stays).
    """

    delta: FloatArray
    gamma: FloatArray
    vega: FloatArray
    theta: FloatArray
    rho: FloatArray


def price(
    is_call: ArrayLike,
    underlying: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    *,
    rate: ArrayLike,
    carry: ArrayLike | None = None,
) -> FloatArray:
    """Premiums. Without time (or past it) or volatility, the discounted intrinsic value of the forward.

    NaN where an argument is NaN, the volatility negative, or underlying or strike not positive.
    """
    shape, columns = _columns(
        _signs(is_call), underlying, strike, years, volatility, rate, 0.0 if carry is None else carry
    )
    out = np.empty(columns[0].shape)
    _loops().price_loop(*columns, out)
    return out.reshape(shape)


def implied_volatility(
    premium: ArrayLike,
    is_call: ArrayLike,
    underlying: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    *,
    rate: ArrayLike,
    carry: ArrayLike | None = None,
) -> FloatArray:
    """The volatility at which `price` gives each premium, to about 1e-14 of it where the premium determines it.

    NaN where none does: a premium that is NaN, zero or negative, not above the discounted intrinsic value (by more
    than rounding), or not below what the option can be worth at most; an option at or past its expiry; an
    underlying or strike that is not positive.
    """
    shape, columns = _columns(
        premium, _signs(is_call), underlying, strike, years, rate, 0.0 if carry is None else carry
    )
    out = np.empty(columns[0].shape)
    _loops().volatility_loop(*columns, out)
    return out.reshape(shape)


def greeks(
    is_call: ArrayLike,
    underlying: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    *,
    rate: ArrayLike,
    carry: ArrayLike | None = None,
) -> Greeks:
    """Sensitivities of `price`, units in `Greeks`. NaN where `price` is.

    At or past the expiry, delta is the step of the payoff (half of it at the strike) and the others are zero;
    without volatility, gamma and vega are zero.
    """
    shape, columns = _columns(
        _signs(is_call), underlying, strike, years, volatility, rate, 0.0 if carry is None else carry
    )
    out = np.empty((5, columns[0].size))
    _loops().greeks_loop(*columns, carry is None, out)
    return Greeks(*(row.reshape(shape) for row in out))


def warm_up() -> float:
    """Compile the loops, or load them, so that no request waits for it; the seconds it took. Safe on any thread."""
    started = perf_counter()
    _loops()
    return perf_counter() - started


@cache
def _loops() -> ModuleType:
    """The compiled loops; numba itself is only imported by processes that price something."""
    started = perf_counter()
    from . import loops

    seconds = perf_counter() - started
    compiled = seconds > _COMPILED_AFTER_SECONDS
    logger.info(
        "option kernel compiled" if compiled else "option kernel loaded", extra={"seconds": round(seconds, 2)}
    )
    return loops


def _signs(is_call: ArrayLike) -> FloatArray:
    return np.where(np.asarray(is_call, dtype=bool), 1.0, -1.0)


def _columns(*arguments: ArrayLike) -> tuple[tuple[int, ...], list[FloatArray]]:
    """The broadcast shape, and a copy of each argument in it, flat and contiguous as the loops want them."""
    shape = np.broadcast_shapes(*(np.shape(each) for each in arguments))
    table = np.empty((len(arguments), *shape))
    for row, argument in enumerate(arguments):
        table[row, ...] = argument
    return shape, list(table.reshape(len(arguments), -1))
