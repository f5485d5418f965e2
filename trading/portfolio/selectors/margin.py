"""What orders have to set aside: margin by position for shares, by portfolio for futures and options."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.portfolio.domain.span import NO_REQUIREMENT, Requirement
from trading.portfolio.selectors.rates import order_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginLeg:
    """An order as its margin sees it; `price` is rupees per unit at worst."""

    instrument: Instrument
    product: Product
    side: Side
    quantity: int
    price: Decimal
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class OrderMargin:
    """What an order needs besides its charges, in paise.

    `margin_paise` is what its fill would block more than is blocked now, `premium_paise` what it pays for options
    that it opens (or shares, for DELIVERY). `before` and `after` are the requirements of its underlying, `refusal`
    the code of a reason for which no margin can be said (`no_underlying_price`): such an order must not be taken.
    """

    margin_paise: int
    premium_paise: int = 0
    before: Requirement = NO_REQUIREMENT
    after: Requirement = NO_REQUIREMENT
    refusal: str = ""

    @property
    def need_paise(self) -> int:
        return self.margin_paise + self.premium_paise


@dataclass(frozen=True, slots=True)
class BasketMargin:
    """Legs taken together. `legs` are their needs in the given order, each after those before it; `alone_paise`
    is the sum of what each would need by itself."""

    legs: tuple[OrderMargin, ...]
    alone_paise: int

    @property
    def need_paise(self) -> int:
        return sum(leg.need_paise for leg in self.legs)

    @property
    def benefit_paise(self) -> int:
        return max(self.alone_paise - self.need_paise, 0)

    @property
    def refusal(self) -> str:
        return next((leg.refusal for leg in self.legs if leg.refusal), "")


def order_margin(
    *,
    account_id: UUID,
    leg: MarginLeg,
    at: datetime,
    position_quantity: int = 0,
    exiting_quantity: int = 0,
) -> OrderMargin:
    """Margin and premium of an order at market time `at`; charges come on top.

    `position_quantity` is the signed position that the order trades on, `exiting_quantity` what other live orders
    of its side close of it already. Raises InvalidInput (`rates_unknown`) where no parameters are in force.
    """
    cost = order_cost(
        instrument=leg.instrument,
        product=leg.product,
        side=leg.side,
        quantity=leg.quantity,
        price=leg.price,
        day=at.date(),
        position_quantity=position_quantity,
        exiting_quantity=exiting_quantity,
    )
    return OrderMargin(margin_paise=cost.margin_paise)


def basket_margin(*, account_id: UUID, legs: Sequence[MarginLeg], at: datetime) -> BasketMargin:
    """The joint need of legs on top of the account's positions, in the given order (buys first is the caller's)."""
    margins = tuple(order_margin(account_id=account_id, leg=leg, at=at) for leg in legs)
    return BasketMargin(legs=margins, alone_paise=sum(margin.need_paise for margin in margins))
