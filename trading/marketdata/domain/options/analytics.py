"""What a chain says as a whole: put-call ratios, max pain, at-the-money volatility, straddle, smile, skew."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import numpy as np

from .chain import ChainRow, OptionChain, OptionLeg

_SKEW_DELTA = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSummary:
    """Figures of a chain; None where what they need is not known. Volatilities are annual fractions.

    Open interest and volume are counters, so those of stale legs count; prices and volatilities of stale legs never
    do. `stale_legs` says how many there are.
    """

    call_oi: int
    put_oi: int
    call_volume: int
    put_volume: int
    pcr_oi: float | None
    """Puts' open interest over calls'."""
    pcr_volume: float | None
    max_pain: Decimal | None
    """The listed strike at which all open options together would pay their holders least at expiry."""
    atm_iv: float | None
    """The mean of call and put at the strike nearest to the forward; of one where the other has none."""
    straddle: Decimal | None
    """Call plus put at that strike."""
    expected_move: float | None
    """One standard deviation of the underlying until expiry, in rupees: forward x ATM volatility x sqrt(years)."""
    skew: float | None
    """Volatility of the 25-delta put less that of the 25-delta call, in fractions, interpolated along delta."""
    stale_legs: int


@dataclass(frozen=True, slots=True)
class SmilePoint:
    """A strike's volatilities; `iv` is that of the leg out of the money, which trades more."""

    strike: Decimal
    iv: float | None
    call_iv: float | None
    put_iv: float | None


def summarise(chain: OptionChain) -> ChainSummary:
    """The summary of a chain."""
    calls = [row.call for row in chain.rows if row.call]
    puts = [row.put for row in chain.rows if row.put]
    call_oi, put_oi = (sum(leg.quote.oi for leg in side) for side in (calls, puts))
    call_volume, put_volume = (sum(leg.quote.volume for leg in side) for side in (calls, puts))
    at_money = next((row for row in chain.rows if row.strike == chain.atm_strike), None)
    atm_iv = _atm_iv(at_money)
    return ChainSummary(
        call_oi=call_oi,
        put_oi=put_oi,
        call_volume=call_volume,
        put_volume=put_volume,
        pcr_oi=put_oi / call_oi if call_oi else None,
        pcr_volume=put_volume / call_volume if call_volume else None,
        max_pain=max_pain(chain.rows),
        atm_iv=atm_iv,
        straddle=_straddle(at_money),
        expected_move=(
            chain.forward * atm_iv * sqrt(chain.years) if chain.forward is not None and atm_iv is not None else None
        ),
        skew=_skew(calls, puts),
        stale_legs=sum(leg.quote.stale for leg in chain.legs),
    )


def max_pain(rows: Sequence[ChainRow]) -> Decimal | None:
    """The strike at which holders get least, the lowest of several; None without open interest."""
    strikes = np.array([float(row.strike) for row in rows])
    calls = np.array([row.call.quote.oi if row.call else 0 for row in rows], dtype=np.float64)
    puts = np.array([row.put.quote.oi if row.put else 0 for row in rows], dtype=np.float64)
    if not calls.sum() + puts.sum():
        return None
    settles = strikes[:, np.newaxis]
    paid = np.maximum(settles - strikes, 0.0) @ calls + np.maximum(strikes - settles, 0.0) @ puts
    return rows[int(np.argmin(paid))].strike


def smile(chain: OptionChain) -> tuple[SmilePoint, ...]:
    """Volatility by strike, where any leg has one."""
    points = []
    for row in chain.rows:
        call, put = (leg.iv if leg else None for leg in (row.call, row.put))
        above = chain.forward is not None and float(row.strike) >= chain.forward
        first, second = (call, put) if above else (put, call)
        iv = first if first is not None else second
        if iv is not None:
            points.append(SmilePoint(row.strike, iv, call, put))
    return tuple(points)


def _atm_iv(row: ChainRow | None) -> float | None:
    known = [leg.iv for leg in (row.call, row.put) if leg and leg.iv is not None] if row else []
    return sum(known) / len(known) if known else None


def _straddle(row: ChainRow | None) -> Decimal | None:
    if row is None or row.call is None or row.put is None:
        return None
    call, put = row.call.premium, row.put.premium
    return None if call is None or put is None else call + put


def _skew(calls: Sequence[OptionLeg], puts: Sequence[OptionLeg]) -> float | None:
    call, put = (_volatility_at(_SKEW_DELTA, side) for side in (calls, puts))
    return None if call is None or put is None else put - call


def _volatility_at(size: float, legs: Sequence[OptionLeg]) -> float | None:
    """Volatility where |delta| is `size`, between the two legs around it; None when the chain does not reach it."""
    known = sorted((abs(leg.delta), leg.iv) for leg in legs if leg.delta is not None and leg.iv is not None)
    deltas, volatilities = [delta for delta, _ in known], [iv for _, iv in known]
    if not known or not deltas[0] <= size <= deltas[-1]:
        return None
    return float(np.interp(size, deltas, volatilities))
