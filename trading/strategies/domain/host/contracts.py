"""Finding the contract a strategy means, and what one unit of it is sensitive to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import exp, isnan

from trading.marketdata.domain.options import kernel, life
from trading.orders.domain.option_choice import (
    ExpiryRule,
    Right,
    StrikeOffset,
    expiry_chosen,
    strike_chosen,
)

from ..desk import Desk
from ..market import Contract

RISK_FREE = 0.065
"""The yearly rate that carries a spot to its forward where no future shows it."""
_CASH = {"NFO": "NSE", "BFO": "BSE"}


@dataclass(slots=True)
class UnitGreeks:
    """See `context.Greeks`."""

    iv: float
    delta: float
    gamma: float
    theta: float
    vega: float


def cash_key(contract: Contract) -> str:
    """The key of the instrument that a contract is on, by the exchanges' naming: NFO's contracts are on NSE's."""
    exchange = contract.symbol.partition(":")[0]
    return f"{_CASH.get(exchange, exchange)}:{contract.underlying}"


def future(desk: Desk, underlying: str, expiry: date | ExpiryRule, *, today: date) -> Contract | None:
    """The listed future that is meant, None when there is none."""
    listed = desk.futures(underlying, today)
    chosen = expiry_chosen(expiry, [each.expiry for each in listed if each.expiry is not None], today=today)
    return next((each for each in listed if chosen is not None and each.expiry == chosen), None)


def price_of(desk: Desk, symbol: str) -> float | None:
    """The last price, None where there is none."""
    price = desk.last_price(symbol)
    return float(price) if price is not None and price > 0 else None


def forward_of(desk: Desk, underlying: str, expiry: date, *, now: datetime) -> float | None:
    """What the future of that expiry trades at, else the underlying's price grown at the risk-free rate."""
    for contract in desk.futures(underlying, now.date()):
        if contract.expiry == expiry and (price := price_of(desk, contract.symbol)) is not None:
            return price
    spot = price_of(desk, underlying)
    return None if spot is None else spot * exp(RISK_FREE * life.years_to(expiry, now))


def greeks_of(desk: Desk, contract: Contract, *, now: datetime) -> UnitGreeks | None:
    """Of one unit at its last price; None of what is no option, has no price, or a price that implies nothing."""
    price = price_of(desk, contract.symbol)
    if contract.right is None or contract.expiry is None or contract.strike is None or price is None:
        return None
    forward = forward_of(desk, cash_key(contract), contract.expiry, now=now)
    if forward is None:
        return None
    years, strike = life.years_to(contract.expiry, now), float(contract.strike)
    is_call = contract.right is Right.CALL
    iv = float(kernel.implied_volatility(price, is_call, forward, strike, years, rate=RISK_FREE))
    if isnan(iv):
        return None
    spot = forward * exp(-RISK_FREE * years)
    found = kernel.greeks(is_call, spot, strike, years, iv, rate=RISK_FREE, carry=RISK_FREE)
    return UnitGreeks(iv, *(float(each) for each in (found.delta, found.gamma, found.theta, found.vega)))


class OptionChooser:
    """Looks for one option of an underlying, an expiry and a right among those that are listed now."""

    def __init__(
        self, desk: Desk, underlying: str, right: Right, expiry: date | ExpiryRule, *, now: datetime
    ) -> None:
        self._desk, self._underlying, self._right, self._now = desk, underlying, right, now
        listed = desk.options(underlying, now.date())
        self._expiry = expiry_chosen(expiry, [each.on for each in listed], today=now.date())
        self._strikes: Sequence[Decimal] = next((each.strikes for each in listed if each.on == self._expiry), ())

    def at(self, strike: Decimal) -> Contract | None:
        """The option of a strike."""
        if self._expiry is None or strike not in self._strikes:
            return None
        return self._desk.option(self._underlying, self._expiry, strike, self._right.value)

    def by_offset(self, steps: int) -> Contract | None:
        """By steps out of the money from the strike nearest to the forward's underlying price."""
        spot = price_of(self._desk, self._underlying)
        if spot is None:
            return None
        price = Decimal(repr(spot))
        chosen = strike_chosen(StrikeOffset(steps), self._strikes, price=price, right=self._right)
        return None if chosen is None else self.at(chosen)

    def by_delta(self, wanted: float) -> Contract | None:
        """The nearest absolute delta among those that have a price."""

        def distance(contract: Contract) -> float | None:
            found = greeks_of(self._desk, contract, now=self._now)
            return None if found is None else abs(abs(found.delta) - wanted)

        return self._nearest(distance)

    def by_premium(self, wanted: Decimal) -> Contract | None:
        """The nearest last price."""

        def distance(contract: Contract) -> float | None:
            price = price_of(self._desk, contract.symbol)
            return None if price is None else abs(price - float(wanted))

        return self._nearest(distance)

    def _nearest(self, distance: Callable[[Contract], float | None]) -> Contract | None:
        found: list[tuple[float, Contract]] = []
        for strike in self._strikes:
            contract = self.at(strike)
            away = None if contract is None else distance(contract)
            if contract is not None and away is not None:
                found.append((away, contract))
        return min(found, key=lambda each: each[0])[1] if found else None
