"""Option chains in the API. Structs are written by msgspec and the socket alike; serializers describe them.

Prices are decimal strings in rupees. What is computed is JSON numbers: volatilities in per cent a year, Greeks in
the units of `domain.options.kernel.Greeks`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from rest_framework import serializers

from core.api.fields import InstantField

from ..domain.bars import Interval
from ..domain.options.analytics import ChainSummary, SmilePoint
from ..domain.options.chain import ChainRow, ForwardSource, OptionChain, OptionLeg, Premium
from ..selectors.options import INTERVALS, ChainPoint, StrikeBars


class LegShape(msgspec.Struct, frozen=True):
    """One contract of a chain."""

    symbol: str
    ltp: Decimal | None
    change: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    bid_quantity: int
    ask_quantity: int
    volume: int
    oi: int
    oi_change: int | None
    iv: float | None
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    rho: float | None
    intrinsic: Decimal | None
    time_value: Decimal | None
    priced_by: Premium | None
    timestamp: datetime | None
    stale: bool


class RowShape(msgspec.Struct, frozen=True):
    """A strike."""

    strike: Decimal
    call: LegShape | None
    put: LegShape | None


class SummaryShape(msgspec.Struct, frozen=True):
    """A chain as a whole."""

    pcr_oi: float | None
    pcr_volume: float | None
    max_pain: Decimal | None
    atm_iv: float | None
    straddle: Decimal | None
    expected_move: Decimal | None
    skew: float | None
    call_oi: int
    put_oi: int
    call_volume: int
    put_volume: int
    stale_legs: int


class HeadShape(msgspec.Struct, frozen=True):
    """What a chain is of, when, and where its underlying stands."""

    underlying: str
    exchange: str
    expiry: date
    at: datetime
    days: float
    rate: float
    lot_size: int
    spot: Decimal | None
    spot_symbol: str
    future: Decimal | None
    future_symbol: str
    synthetic: Decimal | None
    forward: Decimal | None
    forward_source: ForwardSource | None
    atm_strike: Decimal | None
    summary: SummaryShape


class PointShape(msgspec.Struct, frozen=True):
    """A strike of the smile, in per cent."""

    strike: Decimal
    iv: float | None
    call_iv: float | None
    put_iv: float | None


def leg_shape(leg: OptionLeg) -> LegShape:
    """A contract as REST and sockets tell it."""
    quote = leg.quote
    has_change = quote.ltp is not None and quote.close is not None
    return LegShape(
        symbol=quote.key,
        ltp=quote.ltp,
        change=quote.ltp - quote.close
        if has_change and quote.ltp is not None and quote.close is not None
        else None,
        bid=quote.bid,
        ask=quote.ask,
        bid_quantity=quote.bid_quantity,
        ask_quantity=quote.ask_quantity,
        volume=quote.volume,
        oi=quote.oi,
        oi_change=leg.oi_change,
        iv=percent(leg.iv),
        delta=rounded(leg.delta, 4),
        gamma=rounded(leg.gamma, 7),
        theta=rounded(leg.theta, 4),
        vega=rounded(leg.vega, 4),
        rho=rounded(leg.rho, 4),
        intrinsic=leg.intrinsic,
        time_value=leg.time_value,
        priced_by=leg.priced_by,
        timestamp=quote.timestamp,
        stale=quote.stale,
    )


def row_shape(row: ChainRow) -> RowShape:
    """A strike with its call and its put."""
    call, put = (leg_shape(leg) if leg else None for leg in (row.call, row.put))
    return RowShape(row.strike, call, put)


def summary_shape(summary: ChainSummary) -> SummaryShape:
    """A chain's figures, rounded for people."""
    return SummaryShape(
        pcr_oi=rounded(summary.pcr_oi, 4),
        pcr_volume=rounded(summary.pcr_volume, 4),
        max_pain=summary.max_pain,
        atm_iv=percent(summary.atm_iv),
        straddle=summary.straddle,
        expected_move=rupees(summary.expected_move),
        skew=percent(summary.skew),
        call_oi=summary.call_oi,
        put_oi=summary.put_oi,
        call_volume=summary.call_volume,
        put_volume=summary.put_volume,
        stale_legs=summary.stale_legs,
    )


def head_shape(chain: OptionChain, summary: ChainSummary) -> HeadShape:
    """A chain without its legs."""
    return HeadShape(
        underlying=chain.underlying,
        exchange=chain.exchange,
        expiry=chain.expiry,
        at=chain.at,
        days=round(chain.years * 365, 4),
        rate=round(chain.rate * 100, 4),
        lot_size=chain.lot_size,
        spot=chain.market.spot,
        spot_symbol=chain.market.spot_key,
        future=chain.market.future,
        future_symbol=chain.market.future_key,
        synthetic=rupees(chain.synthetic),
        forward=rupees(chain.forward),
        forward_source=chain.forward_source,
        atm_strike=chain.atm_strike,
        summary=summary_shape(summary),
    )


def smile_shape(points: tuple[SmilePoint, ...]) -> list[PointShape]:
    """The smile in per cent."""
    return [
        PointShape(each.strike, *(percent(iv) for iv in (each.iv, each.call_iv, each.put_iv))) for each in points
    ]


def series_rows(points: tuple[ChainPoint, ...]) -> list[list[object]]:
    """Rows as `ChainSeriesSerializer` describes them."""
    return [
        [
            each.at,
            each.spot,
            rupees(each.forward),
            each.atm_strike,
            each.summary.straddle,
            percent(each.summary.atm_iv),
            rounded(each.summary.pcr_oi, 4),
            each.summary.max_pain,
        ]
        for each in points
    ]


def strike_rows(bars: StrikeBars, candle_rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """A contract's candles, each with its volatility in per cent and the forward."""
    return [
        [*row, percent(iv), rupees(forward)]
        for row, iv, forward in zip(candle_rows, bars.iv, bars.forward, strict=True)
    ]


def percent(value: float | None) -> float | None:
    """A fraction in per cent, to two decimals."""
    return rounded(None if value is None else value * 100, 2)


def rounded(value: float | None, places: int) -> float | None:
    """None stays None."""
    return None if value is None else round(value, places)


def rupees(value: float | None) -> Decimal | None:
    """A computed price to the paisa."""
    return None if value is None else Decimal(f"{value:.2f}")


class ChainQuery(serializers.Serializer[dict[str, Any]]):
    """Which chain, and as of when; without `at`, now."""

    expiry = serializers.DateField()
    at = InstantField(required=False)


class ChainDayQuery(serializers.Serializer[dict[str, Any]]):
    """Which chain through which day (default: today)."""

    expiry = serializers.DateField()
    date = serializers.DateField(required=False)
    interval = serializers.ChoiceField(choices=[each.value for each in INTERVALS], default=Interval.M5.value)


class StrikeBarsQuery(serializers.Serializer[dict[str, Any]]):
    """Bars of a contract through a day (default: today)."""

    date = serializers.DateField(required=False)
    interval = serializers.ChoiceField(choices=[each.value for each in INTERVALS], default=Interval.M5.value)
