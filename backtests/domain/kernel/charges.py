"""The charges of `trading.portfolio.domain.charges` in integers: the same lines, the same paisa.

A rate is a whole number of 10⁻¹¹, as finely as the tables of rates can hold one; turnover is in ten-thousandths of
a rupee. Their product is taken as whole paise and a remainder in 10⁻¹³ of a paisa, so that nothing is rounded
before the line is.
"""

from decimal import Decimal

import numpy as np

from trading.marketdata.domain.bars import Int64Array
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates

from .integers import quotient
from .jit import compiled, inlined

_RATE_SCALE = 10**11
_GST_SCALE = 10**4
_WHOLE = 10**13
"""Parts of a paisa in a remainder: a ten-thousandth of a rupee is a hundredth of one, times the rate's scale."""
_SPLIT, _REST = 10**6, 10**7
_NO_CAP = -1
_LARGEST = 2**63 - 1

STT_BUY, STT_SELL, EXCHANGE, SEBI, STAMP_BUY, STAMP_SELL, TAXED, GST, FLAT, RATE, FLOOR, CAP, SMALL = range(13)
"""Columns of a row of rates. TAXED is the sum of the rates that GST is due on, besides brokerage; SMALL the largest
turnover whose product with any of them fits into 64 bits."""


def rate_row(rates: ChargeRates, brokerage: BrokerageRates) -> Int64Array:
    """Rates as the kernel takes them. Raises ValueError for what is finer than the tables can hold."""
    exchange = rates.exchange_rate + rates.ipft_rate
    taxed = rates.exchange_rate + rates.sebi_rate + (rates.ipft_rate if rates.gst_on_ipft else 0)
    row = no_rates()
    row[STT_BUY] = _scaled(rates.stt_buy, _RATE_SCALE)
    row[STT_SELL] = _scaled(rates.stt_sell, _RATE_SCALE)
    row[EXCHANGE] = _scaled(exchange, _RATE_SCALE)
    row[SEBI] = _scaled(rates.sebi_rate, _RATE_SCALE)
    row[STAMP_BUY] = _scaled(rates.stamp_buy, _RATE_SCALE)
    row[STAMP_SELL] = _scaled(rates.stamp_sell, _RATE_SCALE)
    row[TAXED] = _scaled(taxed, _RATE_SCALE)
    row[GST] = _scaled(rates.gst_rate, _GST_SCALE)
    row[FLAT] = _scaled(brokerage.flat, 100, highest=None)
    row[RATE] = _scaled(brokerage.rate, _RATE_SCALE)
    row[FLOOR] = _scaled(brokerage.floor, 100, highest=None)
    row[CAP] = _NO_CAP if brokerage.cap is None else _scaled(brokerage.cap, 100, highest=None)
    highest = max(int(row[column]) for column in (*range(TAXED + 1), RATE))
    row[SMALL] = (_LARGEST - _WHOLE) // max(highest, 1)
    return row


def no_rates() -> Int64Array:
    """A row under which trades cost nothing."""
    row = np.zeros(SMALL + 1, dtype=np.int64)
    row[CAP], row[SMALL] = _NO_CAP, _LARGEST
    return row


def _scaled(value: Decimal, scale: int, highest: int | None = 1) -> int:
    scaled = value * scale
    if scaled != scaled.to_integral_value() or scaled < 0 or (highest is not None and value > highest):
        raise ValueError(f"rate {value} is finer than 1/{scale} or out of range")
    return int(scaled)


@compiled
def _product(turnover: int, rate: int, small: int) -> tuple[int, int]:
    """Turnover times a rate: whole paise, and what is left in parts of `_WHOLE`. Exact for any rate up to one."""
    if turnover <= small:
        product = turnover * rate
        paise = quotient(product, _WHOLE)
        return paise, product - paise * _WHOLE
    whole, rest = turnover // _WHOLE, turnover % _WHOLE
    high, low = rest // _SPLIT, rest % _SPLIT
    part = high * rate
    remainder = (part % _REST) * _SPLIT + low * rate
    return whole * rate + part // _REST + remainder // _WHOLE, remainder % _WHOLE


@compiled
def _rounded(turnover: int, rate: int, small: int) -> int:
    """A line of its own, to the paisa, half up."""
    if turnover <= small:
        return quotient(turnover * rate + _WHOLE // 2, _WHOLE)
    paise, rest = _product(turnover, rate, small)
    return paise + (1 if 2 * rest >= _WHOLE else 0)


@inlined
def _brokerage(turnover: int, rates: Int64Array, row: int) -> tuple[int, int]:
    """An order's fee for what it has traded: whole paise, and what is left in parts of `_WHOLE`."""
    fee, rest = _product(turnover, rates[row, RATE], rates[row, SMALL])
    if fee < rates[row, FLOOR]:
        fee, rest = rates[row, FLOOR], 0
    if rates[row, CAP] >= 0 and fee >= rates[row, CAP]:
        fee, rest = rates[row, CAP], 0
    return fee + rates[row, FLAT], rest


@compiled
def charges_paise(turnover: int, buys: bool, rates: Int64Array, row: int, before: int = 0) -> int:
    """The total of the rounded lines of a fill of `turnover` (ten-thousandths), in paise, by one row of a table of
    rates; its order has traded for `before` already."""
    if turnover <= 0:
        return 0
    small = rates[row, SMALL]
    fee, fee_rest = _brokerage(before + turnover, rates, row)
    if before > 0:
        paid, paid_rest = _brokerage(before, rates, row)
        fee, fee_rest = fee - paid, fee_rest - paid_rest
        if fee_rest < 0:
            fee, fee_rest = fee - 1, fee_rest + _WHOLE
    base, base_rest = _product(turnover, rates[row, TAXED], small)
    base, base_rest = base + fee, base_rest + fee_rest
    if base_rest >= _WHOLE:
        base, base_rest = base + 1, base_rest - _WHOLE
    taxed = base * rates[row, GST]
    gst = quotient(taxed, _GST_SCALE)
    parts = (taxed - gst * _GST_SCALE) * _WHOLE + base_rest * rates[row, GST]
    gst += quotient(parts + _GST_SCALE * _WHOLE // 2, _GST_SCALE * _WHOLE)
    stt, stamp = (STT_BUY, STAMP_BUY) if buys else (STT_SELL, STAMP_SELL)
    total = fee + (1 if 2 * fee_rest >= _WHOLE else 0) + gst
    total += _rounded(turnover, rates[row, EXCHANGE], small) + _rounded(turnover, rates[row, SEBI], small)
    total += _rounded(turnover, rates[row, stt], small) + _rounded(turnover, rates[row, stamp], small)
    return int(total)
