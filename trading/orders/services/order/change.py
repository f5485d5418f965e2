"""One order's changes, collected in memory and written together in few statements."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from trading.brokers.domain.messages import Acknowledged, BrokerReport, Cancelled, Execution, Refused, Triggered
from trading.brokers.domain.terms import OrderType, Side
from trading.instruments.models import Instrument
from trading.orders.domain.gate import GateDecision
from trading.orders.domain.matching import protection_price
from trading.orders.domain.progress import advance
from trading.orders.domain.reasons import CANCEL_MESSAGES
from trading.orders.domain.states import FINAL, OrderStatus, move
from trading.orders.models import Order, OrderEvent, OrderEventType, OrderRoute
from trading.portfolio.models import TradingAccount


class OrderChange:
    """Moves an order through its states and remembers what happened; `services.posting.order_save` writes it.

    The account's lock is held by the caller throughout.
    """

    def __init__(
        self, order: Order, *, account: TradingAccount, instrument: Instrument, actor: str, at: datetime
    ) -> None:
        self.order = order
        self.account = account
        self.instrument = instrument
        self.actor = actor
        self.at = at
        self.events: list[OrderEvent] = []
        self.executions: list[Execution] = []
        # Signed, once the executions are posted.
        self.position_quantity: int | None = None
        self.route: OrderRoute | None = None
        # Whether other live orders may have to be funded anew when this one trades; False saves looking for them.
        self.has_company = True

    def event(self, event_type: OrderEventType, **data: Any) -> None:
        """Note an event with the order's present status. `data` holds JSON values."""
        self.order.event_seq += 1
        self.order.updated_at = self.at
        self.events.append(
            OrderEvent(
                organisation_id=self.order.organisation_id,
                order_id=self.order.id,
                seq=self.order.event_seq,
                type=event_type,
                status=self.order.status,
                at=self.at,
                actor=self.actor,
                data=data,
            )
        )

    def move(self, target: OrderStatus, event_type: OrderEventType, **data: Any) -> None:
        """An instruction of this house; raises `IllegalMove` when the state table forbids it."""
        self.order.status = move(OrderStatus(self.order.status), target)
        self.event(event_type, **data)

    def refuse(self, refusal: GateDecision) -> None:
        """A gate is against the order: it ends in REJECTED, with the gate's reason."""
        self.explain(refusal.code, refusal.message)
        self.move(
            OrderStatus.REJECTED,
            OrderEventType.REFUSED,
            gate=refusal.gate,
            code=refusal.code,
            message=refusal.message,
            limit=refusal.limit,
            used=refusal.used,
        )

    def explain(self, code: str, message: str) -> None:
        """Why the order is in its state, for people and programs."""
        self.order.status_code = code
        self.order.status_message = message[:255]

    def apply(self, reports: Iterable[BrokerReport]) -> None:
        """Fold a broker's reports into the order, in the order given; new executions are kept for posting."""
        for report in reports:
            self._apply(report)

    def _apply(self, report: BrokerReport) -> None:
        order = self.order
        before = order.status
        progress = advance(order.progress, report)
        order.status = progress.status
        order.filled_quantity = progress.filled_quantity
        order.average_price = progress.average_price
        match report:
            case Acknowledged():
                order.broker_order_id = report.broker_order_id
                if order.status != before:
                    waits = {"trigger_price": str(order.trigger_price)} if order.waits_for_trigger else {}
                    self.event(OrderEventType.OPENED, broker_order_id=report.broker_order_id, **waits)
            case Triggered():
                self._trigger(report)
            case Execution():
                self.executions.append(report)
                self.event(
                    OrderEventType.TRADED,
                    trade_id=report.trade_id,
                    quantity=report.quantity,
                    price=str(report.price),
                    traded_at=report.traded_at.isoformat(),
                )
            case Refused():
                if order.status != before:
                    self.explain(report.code, report.message)
                    self.event(OrderEventType.REFUSED, code=report.code, message=report.message)
            case Cancelled():
                if order.status != before:
                    self.explain(report.reason, CANCEL_MESSAGES.get(report.reason, ""))
                    self.event(OrderEventType.CANCELLED, reason=report.reason)

    def _trigger(self, report: Triggered) -> None:
        """A stop triggers once; what an SL_M may cost is bounded from here on, around the price that did it."""
        order = self.order
        if order.triggered_at is not None:
            return
        order.triggered_at = report.at
        if order.order_type == OrderType.SL_M:
            order.worst_price = protection_price(
                side=Side(order.side),
                reference=report.price,
                percent=settings.MARKET_PROTECTION_PERCENT,
                tick_size=self.instrument.tick_size,
            )
        self.event(OrderEventType.TRIGGERED, price=str(report.price))

    @property
    def is_final(self) -> bool:
        return self.order.status in FINAL
