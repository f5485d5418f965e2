"""What a run came to: arrays for curves, rows for orders and fills, and the reasons for everything odd."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from analytics.domain.round_trips import Dealt, RoundTrip, round_trips
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.bars import DAY, IST_OFFSET, Int64Array
from trading.orders.domain.states import OrderStatus


class Ending(StrEnum):
    """How a run ended. Of all but FINISHED the result reaches up to that moment."""

    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"
    STRATEGY_FAILED = "STRATEGY_FAILED"
    DATA_FAILED = "DATA_FAILED"


class OrderRow(Struct, frozen=True):
    """An order as it ended. `decision_price` is the last price (rupees) when it was sent."""

    id: str
    strategy: str
    symbol: str
    side: Side
    quantity: int
    order_type: OrderType
    product: Product
    validity: Validity
    price: Decimal | None
    trigger_price: Decimal | None
    status: OrderStatus
    filled_quantity: int
    average_price: Decimal | None
    reason_code: str
    reason: str
    tag: str
    origin: str
    created_at: datetime
    updated_at: datetime
    decision_price: Decimal | None = None


class FillRow(Struct, frozen=True):
    """A trade. `charges` are the lines in paise in the order of a contract note, `charges_paise` their sum."""

    order_id: str
    strategy: str
    symbol: str
    side: Side
    quantity: int
    price: Decimal
    product: Product
    charges: Mapping[str, int]
    charges_paise: int
    at: datetime
    tag: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    """What moved a position besides trades: expiry, delivery, dividend, split. Money in paise."""

    kind: str
    strategy: str
    symbol: str
    at: datetime
    quantity_change: int
    value_paise: int
    charges_paise: int
    realised_paise: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a strategy's journal, at market time."""

    at: datetime
    strategy: str
    text: str


@dataclass(frozen=True, slots=True)
class Closing:
    """One instrument that was still open at the end, valued at its last price."""

    strategy: str
    symbol: str
    product: Product
    quantity: int
    average_price: Decimal
    last_price: Decimal
    unrealised_paise: int


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """`times` (Unix seconds, ends of base bars) and `equity` (paise: capital and all that was earned, open
    positions at their last price, after charges) are of one length, ascending. `reason` says why a run did not
    finish, `stopped_at` when. `exposure` is the share of those instants at which something was held."""

    ending: Ending
    reason: str
    stopped_at: datetime | None
    capital_paise: int
    times: Int64Array
    equity: Int64Array
    exposure: float
    fills: Sequence[FillRow]
    orders: Sequence[OrderRow]
    events: Sequence[EventRow]
    open_positions: Sequence[Closing]
    log: Sequence[LogLine]
    notes: Sequence[str]
    bars: int

    @property
    def final_paise(self) -> int:
        return int(self.equity[-1]) if len(self.equity) else self.capital_paise

    @property
    def charges_paise(self) -> int:
        """Of all trades and events."""
        return sum(fill.charges_paise for fill in self.fills) + sum(event.charges_paise for event in self.events)

    def daily(self) -> tuple[Int64Array, Int64Array]:
        """The last equity of each Indian calendar day that has one: days since 1 January 1970, and paise."""
        days = (self.times + IST_OFFSET) // DAY
        last = [*(days[1:] != days[:-1]).nonzero()[0], len(days) - 1] if len(days) else []
        return days[last], self.equity[last]

    def round_trips(self) -> dict[tuple[str, str, Product], list[RoundTrip]]:
        """Closed trades, first in first out, by strategy, symbol and product."""
        dealt: dict[tuple[str, str, Product], list[Dealt]] = {}
        for fill in self.fills:
            key = (fill.strategy, fill.symbol, fill.product)
            row = Dealt(fill.at, fill.quantity * fill.side.sign, fill.price, fill.charges_paise)
            dealt.setdefault(key, []).append(row)
        return {key: round_trips(rows) for key, rows in dealt.items()}
