"""What an options strategy holds: its open trade leg by leg, folded of fills, and what survives a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from trading.brokers.domain.terms import Product, Side
from trading.orders.domain.option_choice import Right
from trading.strategies.domain.market import Fill

ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Leg:
    """One leg; `quantity` is what is open in signed units, `cash` what its trades brought in, rupees.

    `entered` units were entered for `entry_value` rupees. `at_cost`: its stop was moved to the entry price.
    """

    symbol: str
    side: Side
    units: int
    product: Product | None = None
    right: Right | None = None
    expiry: date | None = None
    leads: bool = False
    is_hedge: bool = False
    quantity: int = 0
    cash: Decimal = ZERO
    entered: int = 0
    entry_value: Decimal = ZERO
    at_cost: bool = False

    @property
    def entry_price(self) -> Decimal | None:
        """Rupees a unit, None before the first fill."""
        return self.entry_value / self.entered if self.entered else None

    def add(self, fill: Fill) -> None:
        """Take a fill in."""
        self.quantity += fill.side.sign * fill.quantity
        self.cash -= fill.side.sign * fill.quantity * fill.price
        if fill.side is self.side:
            self.entered += fill.quantity
            self.entry_value += fill.quantity * fill.price

    def settle(self, quantity: int, price: Decimal) -> None:
        """Have another quantity without a trade of ours (an expiry, a delivery), valued at a price."""
        self.cash -= (quantity - self.quantity) * price
        self.quantity = quantity

    def restart(self, price: Decimal) -> None:
        """Count from here on, as if it had been entered at this price."""
        self.cash = -self.quantity * price
        self.entered, self.entry_value = abs(self.quantity), abs(self.quantity) * price

    def moved_against(self, price: Decimal) -> float | None:
        """How far the price went against the leg, in per cent of its entry; negative where it went its way."""
        entry = self.entry_price
        return None if not entry else float((entry - price) / entry * 100) * self.side.sign

    def as_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "side": str(self.side),
            "units": self.units,
            "product": None if self.product is None else str(self.product),
            "right": None if self.right is None else str(self.right),
            "expiry": None if self.expiry is None else self.expiry.isoformat(),
            "leads": self.leads,
            "is_hedge": self.is_hedge,
            "quantity": self.quantity,
            "cash": str(self.cash),
            "entered": self.entered,
            "entry_value": str(self.entry_value),
            "at_cost": self.at_cost,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Leg":
        return cls(
            symbol=told["symbol"],
            side=Side(told["side"]),
            units=told["units"],
            product=None if told["product"] is None else Product(told["product"]),
            right=None if told["right"] is None else Right(told["right"]),
            expiry=None if told["expiry"] is None else date.fromisoformat(told["expiry"]),
            leads=told["leads"],
            is_hedge=told["is_hedge"],
            quantity=told["quantity"],
            cash=Decimal(told["cash"]),
            entered=told["entered"],
            entry_value=Decimal(told["entry_value"]),
            at_cost=told["at_cost"],
        )


@dataclass(slots=True)
class Trade:
    """One entry into a shape until it is flat again; `expiry` is the first of its legs'."""

    expiry: date
    opened_on: date
    units: int
    legs: list[Leg]
    closing: str = ""
    """Why it is being closed, empty while it is not."""

    @property
    def open_legs(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.quantity]

    @property
    def options(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.right is not None]

    @property
    def was_entered(self) -> bool:
        """Whether anything has traded yet."""
        return any(leg.entered for leg in self.legs)

    @property
    def premium(self) -> Decimal:
        """Net premium of the entry in rupees: positive a credit, negative a debit."""
        return -sum((leg.side.sign * leg.entry_value for leg in self.options if not leg.is_hedge), ZERO)

    def profit(self, prices: Mapping[str, Decimal]) -> Decimal:
        """Rupees so far before charges, with what is open at these prices."""
        return sum(
            (leg.cash + (leg.quantity * prices[leg.symbol] if leg.quantity else ZERO) for leg in self.legs), ZERO
        )

    def leg(self, symbol: str) -> Leg | None:
        return next((leg for leg in self.legs if leg.symbol == symbol), None)

    def with_guards(self, lead: Leg) -> list[Leg]:
        """A leading leg and the wings of its right, which only make sense together."""
        return [leg for leg in self.open_legs if leg is lead or (leg.right is lead.right and not leg.leads)]


@dataclass(slots=True)
class Book:
    """The trade that is open, if any, and how often this period (a day, or an expiry) was entered."""

    trade: Trade | None = None
    period: str = ""
    entries: int = 0
    is_done: bool = False
    """Nothing more is entered in this period."""
    ended_at: datetime | None = None
    rolled_from: date | None = None
    """The expiry that was left for a later one, until that one is entered."""
    held: Leg | None = None
    """Shares or futures that stay when the options of a trade end."""

    def enter_period(self, period: str) -> None:
        """Begin to count anew where the period is another."""
        if period != self.period:
            self.period, self.entries, self.is_done, self.ended_at = period, 0, False, None

    def as_json(self) -> dict[str, Any]:
        trade = self.trade
        return {
            "trade": None
            if trade is None
            else {
                "expiry": trade.expiry.isoformat(),
                "opened_on": trade.opened_on.isoformat(),
                "units": trade.units,
                "legs": [leg.as_json() for leg in trade.legs],
                "closing": trade.closing,
            },
            "period": self.period,
            "entries": self.entries,
            "is_done": self.is_done,
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(),
            "rolled_from": None if self.rolled_from is None else self.rolled_from.isoformat(),
            "held": None if self.held is None else self.held.as_json(),
        }

    @classmethod
    def of_json(cls, told: object) -> "Book":
        """From what `as_json` wrote; an empty book from nothing."""
        if not isinstance(told, dict):
            return cls()
        known = cast(dict[str, Any], told)
        trade = known["trade"]
        return cls(
            trade=None
            if trade is None
            else Trade(
                date.fromisoformat(trade["expiry"]),
                date.fromisoformat(trade["opened_on"]),
                trade["units"],
                [Leg.of_json(leg) for leg in trade["legs"]],
                trade["closing"],
            ),
            period=known["period"],
            entries=known["entries"],
            is_done=known["is_done"],
            ended_at=None if known["ended_at"] is None else datetime.fromisoformat(known["ended_at"]),
            rolled_from=None if known["rolled_from"] is None else date.fromisoformat(known["rolled_from"]),
            held=None if known["held"] is None else Leg.of_json(known["held"]),
        )


def sold_first(legs: Iterable[Leg]) -> list[Leg]:
    """In the order of closing: what was sold is bought back before its hedge is given up."""
    return sorted(legs, key=lambda leg: leg.quantity)
