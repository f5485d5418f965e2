"""What a portfolio on one underlying has to set aside, from its contracts' risk arrays."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from core.money import PAISE_PER_RUPEE
from trading.marketdata.domain.options.kernel import FloatArray
from trading.portfolio.domain.span.arrays import RiskArrays

# Exposure is charged on a third of the far leg of a futures spread (SEBI's risk framework for derivatives).
_SPREAD_EXPOSURE = 1 / 3
# Binary fractions of a paisa are no reason to round up.
_NOISE_PAISE = 1e-4


@dataclass(frozen=True, slots=True)
class Requirement:
    """Paise, each part rounded up. `total_paise` = span + exposure + calendar is what is blocked.

    `scan_paise` is the largest loss over the scenarios before premiums; `net_option_value_paise` what the long
    options are worth less what the short ones are; `withheld_paise` the premium received on open shorts, which the
    ledger pays out only when they are closed. `alone_paise` is what the contracts would need each by itself,
    zero where that was not asked for.
    """

    span_paise: int
    exposure_paise: int
    calendar_paise: int
    scan_paise: int
    net_option_value_paise: int
    withheld_paise: int
    alone_paise: int

    @property
    def total_paise(self) -> int:
        return self.span_paise + self.exposure_paise + self.calendar_paise

    @property
    def benefit_paise(self) -> int:
        """What holding the contracts together saves."""
        return max(self.alone_paise - self.total_paise, 0)


NO_REQUIREMENT = Requirement(0, 0, 0, 0, 0, 0, 0)


def requirement(
    arrays: RiskArrays, quantities: FloatArray, *, withheld_paise: int = 0, compare: bool = False
) -> Requirement:
    """The requirement for signed `quantities` (units) of the arrays' contracts.

    span = max(0, scan risk - value of longs + value of shorts - premium withheld), and on top of it exposure margin
    and the calendar-spread charge. `withheld_paise` is what the ledger has not paid out for open short options.
    Only with `compare` is it told what the contracts would need each by itself.
    """
    if not quantities.any():
        return NO_REQUIREMENT
    scan = max(_scan(arrays, quantities), _short_minimum(arrays, quantities))
    options_value = float(quantities @ arrays.values)
    withheld = withheld_paise / PAISE_PER_RUPEE
    return Requirement(
        span_paise=_paise_up(max(0.0, scan - options_value - withheld)),
        exposure_paise=_paise_up(_exposure(arrays, quantities)),
        calendar_paise=_paise_up(_calendar(arrays, quantities)),
        scan_paise=_paise_up(scan),
        net_option_value_paise=round(options_value * PAISE_PER_RUPEE),
        withheld_paise=withheld_paise,
        alone_paise=_paise_up(_alone(arrays, quantities, withheld)) if compare else 0,
    )


def _scan(arrays: RiskArrays, quantities: FloatArray) -> float:
    """The worst scenario's loss in rupees; contracts on their last day by themselves where the rules say so."""
    if not arrays.is_last_day or arrays.parameters.spreads_on_expiry_day:
        return _worst(arrays, quantities)
    today = arrays.expires_today
    return _worst(arrays, np.where(today, quantities, 0.0)) + _worst(arrays, np.where(today, 0.0, quantities))


def _worst(arrays: RiskArrays, quantities: FloatArray) -> float:
    return max(0.0, float(np.max(quantities @ arrays.losses)))


def _short_minimum(arrays: RiskArrays, quantities: FloatArray) -> float:
    rate = arrays.parameters.short_option_minimum
    return rate * arrays.underlying_price * _units(_shorts(arrays, quantities)) if rate else 0.0


def _exposure(arrays: RiskArrays, quantities: FloatArray) -> float:
    """On the notional of futures and short options, and the surcharge of options on their last day."""
    parameters = arrays.parameters
    shorts = _shorts(arrays, quantities)
    notional = _units(shorts) * arrays.underlying_price
    if not arrays.is_option.all():
        futures = np.where(arrays.is_option, 0.0, quantities) * arrays.forwards
        notional += abs(float(futures.sum())) + _offset(futures) * _SPREAD_EXPOSURE
    last_day = 0.0
    if arrays.is_last_day:
        last_day = _units(np.where(arrays.expires_today, shorts, 0.0)) * arrays.underlying_price
    return parameters.exposure_rate * notional + parameters.expiry_day_rate * last_day


def _calendar(arrays: RiskArrays, quantities: FloatArray) -> float:
    """On deltas of one expiry that offset another's: the scan moves all expiries alike, the market does not.

    Bought options are left out: what they can lose is their value, which is paid. So buying a hedge never costs
    margin.
    """
    rate = arrays.parameters.calendar_spread_rate
    if not rate or len(arrays.expiries) < 2:
        return 0.0
    at_risk = np.where(arrays.is_option & (quantities > 0), 0.0, quantities) * arrays.deltas
    if arrays.is_last_day and not arrays.parameters.spreads_on_expiry_day:
        at_risk = np.where(arrays.expires_today, 0.0, at_risk)
    by_expiry: FloatArray = np.bincount(arrays.expiry_of, weights=at_risk).astype(np.float64)
    return rate * _offset(by_expiry) * arrays.underlying_price


def _alone(arrays: RiskArrays, quantities: FloatArray, withheld: float) -> float:
    """Rupees that the contracts would need one by one: what a spread is compared with."""
    parameters = arrays.parameters
    losses = np.maximum((quantities[:, np.newaxis] * arrays.losses).max(axis=1), 0.0)
    sold = -_shorts(arrays, quantities)
    least = parameters.short_option_minimum * sold * arrays.underlying_price
    value = sold * arrays.values
    share = value / value.sum() if value.sum() else np.zeros_like(value)
    option = np.where(quantities < 0, np.maximum(np.maximum(losses, least) + value - withheld * share, 0.0), 0.0)
    span = np.where(arrays.is_option, option, losses)
    notional = np.where(arrays.is_option, sold * arrays.underlying_price, np.abs(quantities) * arrays.forwards)
    last_day = np.where(arrays.expires_today, sold, 0.0) * arrays.underlying_price
    return float(
        span.sum() + parameters.exposure_rate * notional.sum() + parameters.expiry_day_rate * last_day.sum()
    )


def _shorts(arrays: RiskArrays, quantities: FloatArray) -> FloatArray:
    """The short options among the quantities, the rest zero; never positive."""
    shorts: NDArray[np.float64] = np.where(arrays.is_option, np.minimum(quantities, 0.0), 0.0)
    return shorts


def _offset(amounts: FloatArray) -> float:
    """How much of the positive amounts the negative ones meet."""
    gross, net = float(np.abs(amounts).sum()), abs(float(amounts.sum()))
    return (gross - net) / 2


def _units(shorts: FloatArray) -> float:
    return -float(shorts.sum())


def _paise_up(rupees: float) -> int:
    """The one edge between floats and money: whole paise, rounded up."""
    return max(ceil(rupees * PAISE_PER_RUPEE - _NOISE_PAISE), 0)
