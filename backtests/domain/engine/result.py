"""What a run came to: arrays for curves, rows for orders and fills, and the reasons for everything odd."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from msgspec import Struct

from analytics.domain.book import FILL, BookLine
from analytics.domain.book import PositionKey as BookKey
from analytics.domain.round_trips import RoundTrip
from analytics.domain.trades import trades_of
from core.money import to_paise
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.bars import DAY, IST_OFFSET, Int64Array
from trading.orders.domain.states import OrderStatus

TripKey = tuple[str, str, Product]
"""A strategy's name, an instrument's key, and what it was held as."""
_POSITION = BookKey(UUID(int=0), 0, "", "")
# Of what happens at one instant.
_BEFORE_TRADING, _FILLED, _AFTER_TRADING = range(3)


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
    product: Product | None = None
    ratio: Fraction | None = None
    """What a split or a bonus multiplies units by."""


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

    def round_trips(self) -> dict[TripKey, list[RoundTrip]]:
        """Closed trades, first in first out, by strategy, symbol and product: what an order filled in parts is one,
        a split carries units on, and what an expiry or a delivery takes or gives is closed or opened by it."""
        lines: defaultdict[TripKey, list[tuple[datetime, int, BookLine]]] = defaultdict(list)
        for fill in self.fills:
            key = fill.strategy, fill.symbol, fill.product
            lines[key].append((fill.at, _FILLED, _line_of(fill)))
        for event in self.events:
            if event.product is not None:
                place = _BEFORE_TRADING if event.ratio is not None else _AFTER_TRADING
                lines[event.strategy, event.symbol, event.product].append((event.at, place, _line_of_event(event)))
        return {
            key: [closed.trip for closed in trades_of(line for *_, line in sorted(rows, key=_in_order)).closed]
            for key, rows in lines.items()
        }


def _in_order(row: tuple[datetime, int, BookLine]) -> tuple[datetime, int]:
    return row[:2]


def _line_of(fill: FillRow) -> BookLine:
    return BookLine(
        at=fill.at,
        day=fill.at.date(),
        position=_POSITION,
        kind=FILL,
        quantity=fill.quantity * fill.side.sign,
        value_paise=to_paise(fill.price * fill.quantity),
        charges_paise=fill.charges_paise,
        price=fill.price,
        ref=fill.order_id,
        order=fill.order_id,
    )


def _line_of_event(event: EventRow) -> BookLine:
    return BookLine(
        at=event.at,
        day=event.at.date(),
        position=_POSITION,
        kind=event.kind,
        quantity=event.quantity_change,
        value_paise=event.value_paise,
        charges_paise=event.charges_paise,
        ratio=event.ratio,
    )
