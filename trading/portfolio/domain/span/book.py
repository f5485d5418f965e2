"""What a book of futures and options on one underlying requires, and what a trade would change of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import numpy as np

from core.money import to_paise
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.options import life
from trading.portfolio.domain.position import share, split_quantity
from trading.portfolio.domain.span.arrays import Contract, RiskArrays
from trading.portfolio.domain.span.requirement import Requirement, requirement
from trading.portfolio.domain.trade import OPTION_TYPES

_SIGN = {"CE": 1, "PE": -1}

PositionName = tuple[str, str, str]


class Marginable(Protocol):
    """A future or an option, as margin sees it; a row of the instrument master is one."""

    @property
    def key(self) -> str: ...

    @property
    def exchange(self) -> str: ...

    @property
    def underlying(self) -> str: ...

    @property
    def instrument_type(self) -> str: ...

    @property
    def expiry(self) -> date | None: ...

    @property
    def strike(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class HeldContract:
    """An open position in a future or an option: signed `quantity`, and the value it was opened for."""

    instrument: Marginable
    product: str
    strategy: str
    quantity: int
    open_value_paise: int

    @property
    def name(self) -> PositionName:
        """What tells it from the account's other positions."""
        return self.instrument.key, self.product, self.strategy

    @property
    def withheld_paise(self) -> int:
        """The premium of a written option, which the ledger pays out when it is closed."""
        return self.open_value_paise if self.quantity < 0 and is_option(self.instrument) else 0


@dataclass(frozen=True, slots=True)
class Trade:
    """What an order would do to one position; `price` is rupees per unit at worst."""

    instrument: Marginable
    product: str
    strategy: str
    side: Side
    quantity: int
    price: Decimal

    @property
    def name(self) -> PositionName:
        return self.instrument.key, self.product, self.strategy


@dataclass(frozen=True, slots=True)
class TradeEffect:
    """A trade's `before` and `after`, what it would require `alone`, the premium it pays for what it opens, and the
    cash that closing brings."""

    before: Requirement
    after: Requirement
    alone: Requirement
    premium_paise: int
    proceeds_paise: int
    held: tuple[HeldContract, ...]

    @property
    def margin_paise(self) -> int:
        """What more has to be blocked than closing brings in; nothing when the requirement falls."""
        growth = self.after.total_paise - self.before.total_paise
        return max(growth - self.proceeds_paise, 0) if growth > 0 else 0


@dataclass(frozen=True, slots=True)
class MarginBook:
    """Contracts of one underlying with their risk arrays; `arrays` is None where the underlying has no price."""

    arrays: RiskArrays | None
    rows: Mapping[str, int]
    price: float | None
    # The same positions are asked about for each leg of a basket.
    known: dict[tuple[bytes, int, bool], Requirement] = field(default_factory=dict)

    def require(self, held: Iterable[HeldContract], *, compare: bool = False) -> Requirement:
        """What these positions require together, with `compare` also each by itself. Needs a price."""
        arrays = self._arrays()
        quantities, withheld = np.zeros(len(self.rows)), 0
        for each in held:
            quantities[self.rows[each.instrument.key]] += each.quantity
            withheld += each.withheld_paise
        question = (quantities.tobytes(), withheld, compare)
        if question not in self.known:
            self.known[question] = requirement(arrays, quantities, withheld_paise=withheld, compare=compare)
        return self.known[question]

    def effect(self, held: Sequence[HeldContract], trade: Trade, *, exiting: int = 0) -> TradeEffect:
        """What a trade would change, once others have closed `exiting` units of its position. Needs a price."""
        base = [_exited(each, trade.side, exiting) if each.name == trade.name else each for each in held]
        traded = next((each for each in base if each.name == trade.name), None)
        others = [each for each in base if each is not traded]
        now = traded.quantity if traded else 0
        open_value = traded.open_value_paise if traded else 0
        closed, opened = split_quantity(now, trade.side, trade.quantity)
        released = share(open_value, closed, abs(now))
        opened_value = to_paise(min(trade.price, self._value(trade)) * opened)
        after = HeldContract(
            instrument=trade.instrument,
            product=trade.product,
            strategy=trade.strategy,
            quantity=now + trade.side.sign * trade.quantity,
            open_value_paise=open_value - released + opened_value,
        )
        bought = is_option(trade.instrument) and trade.side is Side.BUY
        unit_value = to_paise(min(trade.price, self._value(trade)) * trade.quantity)
        by_itself = replace(after, quantity=trade.side.sign * trade.quantity, open_value_paise=unit_value)
        return TradeEffect(
            before=self.require(base),
            after=self.require([*others, after]),
            alone=self.require([by_itself]),
            premium_paise=to_paise(trade.price * opened) if bought else 0,
            proceeds_paise=_proceeds(trade, closed, released),
            held=(*others, after),
        )

    def _value(self, trade: Trade) -> Decimal:
        """What a unit is worth now; a written option's premium counts no higher, or its order would fund itself."""
        if not is_option(trade.instrument):
            return trade.price
        return Decimal(repr(float(self._arrays().values[self.rows[trade.instrument.key]])))

    def _arrays(self) -> RiskArrays:
        if self.arrays is None:
            raise ValueError("the underlying has no price")
        return self.arrays


def is_option(instrument: Marginable) -> bool:
    """Whether the instrument is a call or a put."""
    return instrument.instrument_type in OPTION_TYPES


def risk_contract(instrument: Marginable, price: Decimal | None, at: datetime) -> Contract:
    """What the risk arrays take at market time `at`; `price` in rupees, None unknown."""
    if instrument.expiry is None:
        raise ValueError(f"{instrument} is no contract")
    return Contract(
        sign=_SIGN.get(instrument.instrument_type, 0),
        expiry=instrument.expiry,
        years=life.years_to(instrument.expiry, at),
        strike=float(instrument.strike or 0),
        price=float(price) if price is not None and price > 0 else None,
    )


def _exited(held: HeldContract, side: Side, exiting: int) -> HeldContract:
    """The position without what other orders of the side close of it."""
    closed, _ = split_quantity(held.quantity, side, min(exiting, abs(held.quantity)))
    if not closed:
        return held
    return replace(
        held,
        quantity=held.quantity + side.sign * closed,
        open_value_paise=held.open_value_paise - share(held.open_value_paise, closed, abs(held.quantity)),
    )


def _proceeds(trade: Trade, closed: int, released_paise: int) -> int:
    """Cash from closing: a bought option's price, or a written one's premium less what buying it back costs."""
    if not is_option(trade.instrument) or not closed:
        return 0
    paid = to_paise(trade.price * closed)
    return paid if trade.side is Side.SELL else released_paise - paid
