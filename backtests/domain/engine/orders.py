"""An order of a back-test, and its changes: what rows are to accounts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from core.money import from_paise
from trading.brokers.domain.messages import BrokerOrder, BrokerReport, Cancelled, Execution, Refused, Triggered
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.orders.domain.gate import SessionFacts
from trading.orders.domain.intent import OrderIntent, Origin
from trading.orders.domain.matching import protection_price
from trading.orders.domain.modification import Standing
from trading.orders.domain.progress import Progress, advance
from trading.orders.domain.queue import QueuePlace
from trading.orders.domain.reasons import CANCEL_MESSAGES
from trading.orders.domain.resting import RestingOrder
from trading.orders.domain.states import FINAL, OrderStatus
from trading.strategies.domain.market import Fill, OrderView
from trading.strategies.domain.wish import OrderWish

from .clock import Clock
from .market import SymbolMarket
from .result import FillRow, OrderRow

NO_ACCOUNT = UUID(int=0)


@dataclass(slots=True, kw_only=True, eq=False)
class SimOrder:
    """See the columns of `trading.orders.models.Order`, which mean the same. `name` is the id as people read it."""

    id: UUID
    strategy: str
    symbol: str
    side: Side
    quantity: int
    order_type: OrderType
    product: Product
    validity: Validity
    price: Decimal | None
    trigger_price: Decimal | None
    tag: str
    origin: Origin
    created_at: datetime
    valid_on: date
    worst_price: Decimal | None = None
    decision_price: Decimal | None = None
    status: OrderStatus = OrderStatus.PENDING_ROUTE
    filled_quantity: int = 0
    average_price: Decimal | None = None
    status_code: str = ""
    status_message: str = ""
    updated_at: datetime = field(init=False)
    name: str = field(init=False)
    triggered_at: datetime | None = None
    hold_paise: int = 0
    turnover: Decimal = Decimal(0)
    matched_at: datetime | None = None
    matched_sequence: int | None = None
    eligible_at: datetime | None = None
    cancel_at: datetime | None = None
    priority_at: datetime | None = None
    queue_ahead: int | None = None
    queue_mark: int = 0
    slice_left: int | None = None
    disclosed_quantity: int = 0
    is_queued: bool = False

    def __post_init__(self) -> None:
        self.updated_at, self.name = self.created_at, str(self.id)

    @property
    def pending_quantity(self) -> int:
        return 0 if self.status in FINAL else self.quantity - self.filled_quantity

    @property
    def waits_for_trigger(self) -> bool:
        return self.order_type.is_stop and self.triggered_at is None

    @property
    def progress(self) -> Progress:
        return Progress(
            self.quantity, self.status, self.filled_quantity, self.average_price, self.waits_for_trigger
        )

    @property
    def standing(self) -> Standing:
        """How far it has come, for what may still be changed of it."""
        return Standing(self.status, self.filled_quantity, self.is_queued, self.triggered_at is not None)

    def to_broker_order(self, key: str) -> BrokerOrder:
        """As the exchange takes it."""
        return BrokerOrder(
            self.id.hex,
            key,
            self.side,
            self.quantity,
            self.filled_quantity,
            self.order_type,
            self.product,
            self.validity,
            self.worst_price,
            self.trigger_price,
            self.triggered_at is not None,
            self.disclosed_quantity,
        )

    def to_intent(self) -> OrderIntent:
        """What was asked for, as it stands: a stop that has triggered is the LIMIT or MARKET that it became."""
        kind, trigger = self.order_type, self.trigger_price
        if kind.is_stop and self.triggered_at is not None:
            kind, trigger = (OrderType.LIMIT if kind.has_limit else OrderType.MARKET), None
        return OrderIntent(
            account_id=NO_ACCOUNT,
            key=self.symbol,
            side=self.side,
            quantity=self.quantity,
            order_type=kind,
            product=self.product,
            client_order_id=self.id.hex,
            validity=self.validity,
            price=self.price,
            trigger_price=trigger,
            origin=self.origin,
            strategy=self.strategy,
            tag=self.tag,
        )

    def resting(self) -> RestingOrder:
        """As the matcher sees it."""
        return RestingOrder(
            order_id=self.id,
            account_id=NO_ACCOUNT,
            instrument_id=0,
            key=self.symbol,
            side=self.side,
            order_type=self.order_type,
            validity=self.validity,
            pending=self.pending_quantity,
            worst_price=self.worst_price,
            trigger_price=self.trigger_price if self.status is OrderStatus.TRIGGER_PENDING else None,
            since=self.priority_at or self.created_at,
            eligible_at=self.eligible_at,
            cancel_at=self.cancel_at,
            place=QueuePlace(self.queue_ahead, self.queue_mark),
        )

    def view(self) -> OrderView:
        """As its strategy sees it."""
        return OrderView(
            id=self.name,
            symbol=self.symbol,
            side=self.side,
            quantity=self.quantity,
            order_type=self.order_type,
            product=self.product,
            status=self.status,
            filled_quantity=self.filled_quantity,
            average_price=self.average_price,
            price=self.price,
            trigger_price=self.trigger_price,
            reason_code=self.status_code,
            reason=self.status_message,
            tag=self.tag,
        )

    def row(self) -> OrderRow:
        """As the result shows it."""
        return OrderRow(
            id=self.name,
            strategy=self.strategy,
            symbol=self.symbol,
            side=self.side,
            quantity=self.quantity,
            order_type=self.order_type,
            product=self.product,
            validity=self.validity,
            price=self.price,
            trigger_price=self.trigger_price,
            status=self.status,
            filled_quantity=self.filled_quantity,
            average_price=self.average_price,
            reason_code=self.status_code,
            reason=self.status_message,
            tag=self.tag,
            origin=self.origin.value,
            created_at=self.created_at,
            updated_at=self.updated_at,
            decision_price=self.decision_price,
        )


class SimChange:
    """What happens to one order at one moment (`orders.paper.standing.PaperChange`)."""

    __slots__ = ("_protection", "_tick", "at", "executions", "has_events", "order")

    def __init__(self, order: SimOrder, at: datetime, *, protection: Decimal, tick: Decimal) -> None:
        self.order = order
        self.at = at
        self.executions: list[Execution] = []
        self.has_events = False
        self._protection, self._tick = protection, tick

    @property
    def is_final(self) -> bool:
        return self.order.status in FINAL

    def apply(self, reports: Iterable[BrokerReport]) -> None:
        """Fold the exchange's reports in, in the order given."""
        for report in reports:
            self._apply(report)

    def explain(self, code: str, message: str) -> None:
        """Why the order is in its state."""
        self.order.status_code, self.order.status_message = code, message[:255]

    def end(self, status: OrderStatus, code: str, message: str) -> None:
        """Take it to its end by an instruction of this house."""
        self.explain(code, message)
        self.order.status, self.order.updated_at = status, self.at
        self.has_events = True

    def _apply(self, report: BrokerReport) -> None:
        order, before = self.order, self.order.status
        progress = advance(order.progress, report)
        order.status = progress.status
        order.filled_quantity = progress.filled_quantity
        order.average_price = progress.average_price
        order.updated_at = self.at
        self.has_events = True
        match report:
            case Execution():
                self.executions.append(report)
            case Triggered():
                self._trigger(report)
            case Cancelled() if order.status != before:
                self.explain(report.reason, CANCEL_MESSAGES.get(report.reason, ""))
            case Refused() if order.status != before:
                self.explain(report.code, report.message)
            case _:
                pass

    def _trigger(self, report: Triggered) -> None:
        order = self.order
        if order.triggered_at is not None:
            return
        order.triggered_at = report.at
        if order.order_type is OrderType.SL_M:
            order.worst_price = protection_price(
                side=order.side, reference=report.price, percent=self._protection, tick_size=self._tick
            )


def draft(
    order_id: UUID,
    strategy: str,
    wish: OrderWish,
    origin: Origin,
    clock: Clock,
    market: SymbolMarket,
    waits_for: SessionFacts | None,
) -> SimOrder:
    """An order as it is asked for now; `waits_for` is the session that it is held back for."""
    valid_on = clock.day
    if waits_for is not None and waits_for.opens_on is not None:
        valid_on = waits_for.opens_on
    return SimOrder(
        id=order_id,
        strategy=strategy,
        symbol=wish.symbol,
        side=wish.side,
        quantity=wish.quantity,
        order_type=wish.order_type,
        product=wish.product,
        validity=wish.validity,
        price=wish.price,
        trigger_price=wish.trigger_price,
        tag=wish.tag,
        origin=origin,
        created_at=clock.at,
        valid_on=valid_on,
        decision_price=market.last_price(),
    )


def fill_of(row: FillRow) -> Fill:
    """A trade as its strategy is told of it."""
    return Fill(
        order_id=row.order_id,
        symbol=row.symbol,
        side=row.side,
        quantity=row.quantity,
        price=row.price,
        charges=from_paise(row.charges_paise),
        at=row.at,
        tag=row.tag,
    )
