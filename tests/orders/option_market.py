"""A small option market: NIFTY at 25,000 with two expiries, priced by Black's formula at known volatilities."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import exp

from py_vollib.black import black

from core import clock
from tests.factories import make_instrument
from tests.orders.desk import show_book
from trading.instruments.models import Instrument
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.options.life import years_to

LOT = 65
SPOT = 25_000
VOLATILITY = 0.13
RATE = 0.065
NEAR_DAYS, FAR_DAYS = 6, 34
STRIKES = range(24_000, 26_001, 100)


@dataclass(frozen=True)
class OptionMarket:
    """Contracts by name: "25100CE" of the near expiry, "25100CE far" of the later one, "FUT", and the index."""

    near: date
    far: date
    contracts: dict[str, Instrument]

    def key(self, name: str) -> str:
        return self.contracts[name].key

    def quote(self, name: str, price: str, *, age: timedelta = timedelta(0)) -> None:
        """Show a book of two ticks around a price."""
        shown = Decimal(price)
        show_book(
            key=self.key(name),
            ltp=price,
            bids=((str(shown - Decimal("0.05")), 6500),),
            asks=((str(shown + Decimal("0.05")), 6500),),
            age=age,
        )


def make_option_market() -> OptionMarket:
    """List and quote every contract; the later expiry has a future as well."""
    today = clock.trading_date()
    near, far = today + timedelta(days=NEAR_DAYS), today + timedelta(days=FAR_DAYS)
    contracts = {"NIFTY": make_instrument("NSE:NIFTY", instrument_type="INDEX")}
    market = OptionMarket(near, far, contracts)
    terms = {"lot_size": LOT, "tick_size": Decimal("0.05")}
    show_book(key="NSE:NIFTY", ltp=str(SPOT), bids=(), asks=())
    for expiry, suffix, code in ((near, "", "26NOV"), (far, " far", "26DEC")):
        years = years_to(expiry, clock.now())
        forward = SPOT * exp(RATE * years)
        if suffix:
            contracts["FUT"] = make_instrument("NFO:NIFTY26DECFUT", expiry=expiry, **terms)
            market.quote("FUT", _price(forward))
        for strike in STRIKES:
            for right in ("CE", "PE"):
                name = f"{strike}{right}{suffix}"
                contracts[name] = make_instrument(f"NFO:NIFTY{code}{strike}{right}", expiry=expiry, **terms)
                worth = black(right[0].lower(), forward, strike, years, RATE, VOLATILITY)
                market.quote(name, _price(worth))
    forget_reference_data()
    return market


def _price(number: float) -> str:
    """To the tick, never below two of them."""
    return f"{max(round(number * 20) / 20, 0.10):.2f}"
