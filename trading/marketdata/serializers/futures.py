"""The futures curve in the API: prices as decimal strings, rates in per cent a year."""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from ..domain.futures import Future, Roll
from ..selectors.options import FuturesCurve
from .options import percent, rounded


class FutureShape(msgspec.Struct, frozen=True):
    """A future against its spot."""

    symbol: str
    expiry: date
    days: float
    lot_size: int
    ltp: Decimal | None
    change: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    volume: int
    oi: int
    oi_change: int | None
    basis: Decimal | None
    basis_pct: float | None
    annualised: float | None
    carry: float | None
    fair_value: Decimal | None
    timestamp: datetime | None
    stale: bool


class RollShape(msgspec.Struct, frozen=True):
    """From one expiry to the next."""

    near: str
    far: str
    spread: Decimal | None
    spread_pct: float | None
    roll_yield: float | None
    carried: float | None
    carried_before: float | None


class FuturesShape(msgspec.Struct, frozen=True):
    """The curve."""

    underlying: str
    exchange: str
    at: datetime
    rate: float
    spot: Decimal | None
    spot_symbol: str
    futures: list[FutureShape]
    rolls: list[RollShape]


def futures_shape(curve: FuturesCurve) -> FuturesShape:
    """The curve as REST tells it."""
    return FuturesShape(
        underlying=curve.underlying,
        exchange=curve.exchange,
        at=curve.at,
        rate=round(curve.rate * 100, 4),
        spot=curve.spot,
        spot_symbol=curve.spot_key,
        futures=[_future(each) for each in curve.futures],
        rolls=[_roll(each) for each in curve.rolls],
    )


def _future(future: Future) -> FutureShape:
    quote = future.quote
    return FutureShape(
        symbol=quote.key,
        expiry=quote.expiry,
        days=round(future.days, 4),
        lot_size=quote.lot_size,
        ltp=quote.ltp,
        change=None if quote.ltp is None or quote.close is None else quote.ltp - quote.close,
        bid=quote.bid,
        ask=quote.ask,
        volume=quote.volume,
        oi=quote.oi,
        oi_change=future.oi_change,
        basis=future.basis,
        basis_pct=rounded(future.basis_pct, 4),
        annualised=percent(future.annualised),
        carry=percent(future.carry),
        fair_value=future.fair_value,
        timestamp=quote.timestamp,
        stale=quote.stale,
    )


def _roll(roll: Roll) -> RollShape:
    return RollShape(
        near=roll.near,
        far=roll.far,
        spread=roll.spread,
        spread_pct=rounded(roll.spread_pct, 4),
        roll_yield=percent(roll.roll_yield),
        carried=percent(roll.carried),
        carried_before=percent(roll.carried_before),
    )
