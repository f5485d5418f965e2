"""A made-up NIFTY with options, for the tests of chains: its contracts, its quotes, and a stored day of minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from core import clock
from tests.factories import make_instrument
from tests.marketdata.builders import make_quote
from trading.instruments.domain.keys import MONTHS
from trading.instruments.models import Instrument, InstrumentType
from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.life import years_to
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.marketdata.services import candles_write, quote_publish

STRIKES = tuple(range(23_500, 24_501, 100))
DAY = date(2024, 6, 20)
"""A Thursday on which NSE traded from 09:15 to 15:30."""
EXPIRY = date(2024, 6, 27)
RATE = 0.065


def option_key(expiry: date, strike: int, right: str) -> str:
    return f"NFO:NIFTY{expiry:%y}{MONTHS[expiry.month - 1]}{expiry:%d}W{strike}{right}"


def list_chain(expiry: date = EXPIRY, strikes: Sequence[int] = STRIKES, *, future: bool = False) -> None:
    """The index, a call and a put at each strike, perhaps the future of the same expiry."""
    if not Instrument.objects.filter(key="NSE:NIFTY").exists():
        make_instrument("NSE:NIFTY", instrument_type=InstrumentType.INDEX)
    for strike in strikes:
        for right in ("CE", "PE"):
            make_instrument(option_key(expiry, strike, right), expiry=expiry, lot_size=65)
    if future:
        make_instrument(f"NFO:NIFTY{expiry:%y}{MONTHS[expiry.month - 1]}FUT", expiry=expiry, lot_size=65)


def smile(strike: float, forward: float) -> float:
    """The volatility that the made-up market is priced with."""
    return 0.13 + 0.8 * float(np.log(strike / forward)) ** 2 - 0.15 * float(np.log(strike / forward))


def tick(value: float) -> Decimal:
    """To the tick of 5 paise, at least one."""
    return max(Decimal(round(value * 20)) / 20, Decimal("0.05")).quantize(Decimal("0.01"))


def premium(forward: float, strike: int, years: float, *, is_call: bool) -> Decimal:
    value = kernel.price(is_call, forward, float(strike), years, smile(strike, forward), rate=RATE).item()
    return tick(value)


def option_quote(key: str, ltp: Decimal, **fields: Any) -> Quote:
    """A quote with a book one tick wide around its price."""
    step = Decimal("0.05")
    book: dict[str, Any] = {
        "bids": (DepthLevel(ltp - step, 650),) if ltp > step else (),
        "asks": (DepthLevel(ltp + step, 325),),
    }
    return make_quote(str(ltp), key=key, **(book | fields))


def show_chain(
    expiry: date, *, spot: float = 24_012.0, strikes: Sequence[int] = STRIKES, future: bool = False, **fields: Any
) -> float:
    """Publish fresh quotes of the whole chain; returns the forward that they were made with."""
    years = years_to(expiry, clock.now())
    forward = float(spot * np.exp(0.055 * years))
    quotes = [make_quote(f"{spot:.2f}", key="NSE:NIFTY", **fields)]
    for place, strike in enumerate(strikes):
        for right, is_call in (("CE", True), ("PE", False)):
            price = premium(forward, strike, years, is_call=is_call)
            oi = 6_500 * (place + 1) if is_call else 6_500 * (len(strikes) - place)
            key = option_key(expiry, strike, right)
            quotes.append(option_quote(key, price, oi=oi, volume=oi * 2 if is_call else oi, **fields))
    if future:
        month = MONTHS[expiry.month - 1]
        quotes.append(make_quote(f"{forward:.2f}", key=f"NFO:NIFTY{expiry:%y}{month}FUT", oi=6_500, **fields))
    quote_publish(quotes)
    return forward


@dataclass(frozen=True)
class MadeUpDay:
    """What was stored: by minute, the spot, and premiums, volumes and open interest by (strike, right)."""

    ends: list[datetime]
    spot: list[Decimal]
    close: dict[tuple[int, str], list[Any]]
    volume: dict[tuple[int, str], list[int]]
    oi: dict[tuple[int, str], list[int]]


def store_day(
    day: date = DAY,
    expiry: date = EXPIRY,
    *,
    strikes: Sequence[int] = STRIKES,
    minutes: int = 375,
    missing: float = 0.1,
    seed: int = 7,
) -> MadeUpDay:
    """A wandering index, options priced off it, a tenth of whose minutes is untraded."""
    rng = np.random.default_rng(seed)
    opens = datetime(day.year, day.month, day.day, 3, 45, tzinfo=UTC)
    starts = [opens + timedelta(minutes=each) for each in range(minutes)]
    spot = [tick(value) for value in 24_000 + np.cumsum(rng.normal(0, 6, minutes))]
    made = MadeUpDay([each + timedelta(minutes=1) for each in starts], spot, {}, {}, {})
    rows = _bars("NSE:NIFTY", starts, spot, [0] * minutes, [0] * minutes)
    for strike in strikes:
        for right in ("CE", "PE"):
            name = (strike, right)
            prices: list[Decimal | None] = []
            for start, index in zip(starts, spot, strict=True):
                years = years_to(expiry, start + timedelta(minutes=1))
                traded = rng.random() >= missing or start == opens
                forward = float(index) * float(np.exp(RATE * years))
                prices.append(premium(forward, strike, years, is_call=right == "CE") if traded else None)
            made.close[name] = prices
            lots = rng.integers(1, 90, minutes)
            made.volume[name] = [int(n) * 65 if price else 0 for n, price in zip(lots, prices, strict=True)]
            made.oi[name] = [65_000 + 65 * int(each) for each in np.cumsum(rng.integers(0, 20, minutes))]
            rows += _bars(option_key(expiry, strike, right), starts, prices, made.volume[name], made.oi[name])
    candles_write(np.array(rows, dtype=np.int64))
    return made


def _bars(
    key: str, starts: Sequence[datetime], prices: Sequence[Decimal | None], volume: Sequence[int], oi: Sequence[int]
) -> list[list[int]]:
    pk = Instrument.objects.get(key=key).pk
    rows = []
    for start, price, traded, held in zip(starts, prices, volume, oi, strict=True):
        if price is not None:
            scaled = int(price * 10_000)
            rows.append([pk, int(start.timestamp()), scaled, scaled, scaled, scaled, traded, held])
    return rows
