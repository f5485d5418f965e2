"""What orders have to set aside: margin by position for shares, by portfolio for futures and options."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from core import clock
from core.money import from_paise, to_paise
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.portfolio.domain.span import NO_REQUIREMENT, Requirement
from trading.portfolio.domain.span.book import HeldContract, MarginBook, Trade, is_option
from trading.portfolio.models import Position
from trading.portfolio.selectors.margin_book import held_contracts, margin_book
from trading.portfolio.selectors.rates import order_cost

NO_UNDERLYING_PRICE = "no_underlying_price"
# Span, exposure and calendar are each rounded up, before and after.
_ROUNDING_PAISE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginLeg:
    """An order as its margin sees it; `price` is rupees per unit at worst.

    `exiting_quantity` is what other live orders of its side close of its position already.
    """

    instrument: Instrument
    product: Product
    side: Side
    quantity: int
    price: Decimal
    strategy: str = ""
    exiting_quantity: int = 0

    @property
    def is_derivative(self) -> bool:
        return bool(self.instrument.underlying)

    @property
    def trade(self) -> Trade:
        return Trade(self.instrument, self.product, self.strategy, self.side, self.quantity, self.price)


@dataclass(frozen=True, slots=True)
class OrderMargin:
    """What an order needs besides its charges, in paise.

    `margin_paise` is what its fill would block more than is blocked now, `premium_paise` what it pays for options
    that it opens. `before` and `after` are the requirements of its underlying, `alone` is what the order would
    require in an empty account; `refusal` the code of a reason for which no margin can be said
    (`no_underlying_price`): such an order must not be taken.
    """

    margin_paise: int
    premium_paise: int = 0
    before: Requirement = NO_REQUIREMENT
    after: Requirement = NO_REQUIREMENT
    alone: Requirement = NO_REQUIREMENT
    refusal: str = ""

    @property
    def need_paise(self) -> int:
        return self.margin_paise + self.premium_paise

    @property
    def benefit_paise(self) -> int:
        """What the positions held already, or the cash from closing one, take off the order's margin."""
        saved = self.alone.total_paise - self.margin_paise
        return saved if saved > _ROUNDING_PAISE else 0

    def as_strings(self) -> dict[str, str]:
        """The API's split, in rupees: span + exposure + calendar + premium - benefit is the total."""
        fixed = self.alone.exposure_paise + self.alone.calendar_paise
        parts = {
            "span": self.margin_paise + self.benefit_paise - fixed,
            "exposure": self.alone.exposure_paise,
            "calendar": self.alone.calendar_paise,
            "premium": self.premium_paise,
            "benefit": self.benefit_paise,
            "total": self.need_paise,
            "portfolio_before": self.before.total_paise,
            "portfolio_after": self.after.total_paise,
        }
        return {name: str(from_paise(paise)) for name, paise in parts.items()}


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
) -> OrderMargin:
    """Margin and premium of an order at market time `at`; charges come on top.

    `position_quantity` is the signed position that an equity order trades on; the portfolio of a future or an
    option is read. Raises InvalidInput (`rates_unknown`) where no rates are in force.
    """
    if not leg.is_derivative:
        return _by_position(leg, position_quantity, at)
    return orders_margin(account_id=account_id, legs=[leg], at=at)[0]


def orders_margin(*, account_id: UUID, legs: Sequence[MarginLeg], at: datetime) -> list[OrderMargin]:
    """Each of several orders in futures and options on ONE underlying, on top of the same positions."""
    held, book = _book(account_id, legs, at)
    return [_margin(book, held, leg)[0] for leg in legs]


def basket_margin(*, account_id: UUID, legs: Sequence[MarginLeg], at: datetime) -> BasketMargin:
    """The joint need of legs on top of the account's positions, in the given order (buys first is the caller's).

    A leg is judged as if those before it had filled, so a hedge counts for what it hedges.
    """
    margins: dict[int, OrderMargin] = {}
    alone = 0
    for underlying in dict.fromkeys(leg.instrument.underlying for leg in legs if leg.is_derivative):
        numbered = [(number, leg) for number, leg in enumerate(legs) if leg.instrument.underlying == underlying]
        held, book = _book(account_id, [leg for _, leg in numbered], at)
        sofar: Sequence[HeldContract] = held
        for number, leg in numbered:
            alone += _margin(book, held, leg)[0].need_paise
            margins[number], sofar = _margin(book, sofar, leg)
    held_shares = _share_quantities(account_id, [leg for leg in legs if not leg.is_derivative])
    for number, leg in enumerate(legs):
        if not leg.is_derivative:
            name = (leg.instrument.id, str(leg.product), leg.strategy)
            margins[number] = _by_position(leg, held_shares.get(name, 0), at)
            held_shares[name] = held_shares.get(name, 0) + leg.side.sign * leg.quantity
            alone += margins[number].need_paise
    return BasketMargin(legs=tuple(margins[number] for number in range(len(legs))), alone_paise=alone)


def _by_position(leg: MarginLeg, position_quantity: int, at: datetime) -> OrderMargin:
    cost = order_cost(
        instrument=leg.instrument,
        product=leg.product,
        side=leg.side,
        quantity=leg.quantity,
        price=leg.price,
        day=clock.trading_date(at),
        position_quantity=position_quantity,
        exiting_quantity=leg.exiting_quantity,
    )
    return OrderMargin(margin_paise=cost.margin_paise)


def _book(account_id: UUID, legs: Sequence[MarginLeg], at: datetime) -> tuple[list[HeldContract], MarginBook]:
    held = held_contracts(account_id, legs[0].instrument.underlying)
    return held, margin_book([*(each.instrument for each in held), *(leg.instrument for leg in legs)], at=at)


def _margin(
    book: MarginBook, held: Sequence[HeldContract], leg: MarginLeg
) -> tuple[OrderMargin, Sequence[HeldContract]]:
    """The leg's need, and the positions once it has filled."""
    if book.arrays is None:
        return _unpriced(held, leg), held
    effect = book.effect(held, leg.trade, exiting=leg.exiting_quantity)
    margin = OrderMargin(
        margin_paise=effect.margin_paise,
        premium_paise=effect.premium_paise,
        before=effect.before,
        after=effect.after,
        alone=effect.alone,
    )
    return margin, effect.held


def _unpriced(held: Sequence[HeldContract], leg: MarginLeg) -> OrderMargin:
    """Without a price of the underlying only what can raise no requirement is taken: fail closed."""
    held_here = sum(each.quantity for each in held if each.name == leg.trade.name)
    closes = held_here * leg.side.sign < 0 and leg.quantity + leg.exiting_quantity <= abs(held_here)
    if is_option(leg.instrument) and leg.side is Side.BUY:
        opened = leg.quantity if held_here >= 0 else max(leg.quantity + held_here, 0)
        return OrderMargin(margin_paise=0, premium_paise=to_paise(leg.price * opened))
    others = [each for each in held if each.name != leg.trade.name]
    may_hedge = any(each.quantity < 0 or not is_option(each.instrument) for each in others)
    if closes and not may_hedge:
        return OrderMargin(margin_paise=0)
    return OrderMargin(margin_paise=0, refusal=NO_UNDERLYING_PRICE)


def _share_quantities(account_id: UUID, legs: Sequence[MarginLeg]) -> dict[tuple[int, str, str], int]:
    if not legs:
        return {}
    rows = Position.objects.filter(account_id=account_id, instrument_id__in={leg.instrument.id for leg in legs})
    return {
        (instrument_id, product, strategy): quantity
        for instrument_id, product, strategy, quantity in rows.values_list(
            "instrument_id", "product", "strategy", "quantity"
        )
    }
