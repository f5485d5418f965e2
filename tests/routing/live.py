"""A desk whose account is at a simulated broker, which runs beside, on a thread, and is spoken to over HTTP."""

import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side
from trading.brokers.simulator.book import Book
from trading.brokers.simulator.faults import Fault, FaultKind, Faults
from trading.brokers.simulator.journal import Event, Journal
from trading.brokers.simulator.server import SimulatorServer
from trading.orders.models import Order
from trading.orders.services import order_submit
from trading.orders.services.live.epochs import epoch_ensure
from trading.orders.services.live.reconciliation import Reconciliation, account_reconcile
from trading.orders.services.live.router import order_send
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

CRORE_PAISE = 1_00_00_000_00


def serve(book: Book, faults: Faults) -> SimulatorServer:
    """A simulator on a free port."""
    server = SimulatorServer(book, faults)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


@dataclass(frozen=True)
class LiveDesk:
    """What a test needs of both sides."""

    desk: Desk
    account: TradingAccount
    server: SimulatorServer

    @property
    def book(self) -> Book:
        return self.server.book

    @property
    def name(self) -> str:
        """The account's name at the broker."""
        return self.account.id.hex

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def fault(self, on: str, kind: FaultKind, *, times: int = 1, seconds: float = 1.0) -> None:
        self.server.faults.order(Fault(on, kind, times, seconds))

    def price(self, price: str, symbol: str = "NSE:RELIANCE") -> None:
        """Let the broker's market and our quotes stand there."""
        with self.server.lock:
            self.book.price(symbol, Decimal(price))
        show_book(ltp=price, key=symbol)

    def submit(self, side: Side = Side.BUY, quantity: int = 10, **changes: Any) -> Order:
        intent = self.desk.intent(side, quantity, account_id=self.account.id, **changes)
        with tenant_scope(self.desk.organisation.id):
            return order_submit(actor=self.desk.trader, intent=intent)

    def send(self, order: Order) -> Order:
        order_send(order.id)
        return self.again(order)

    def placed(self, **changes: Any) -> Order:
        """An order that rests at the broker, known here."""
        order = self.submit(**{"price": "90.00", **changes})
        return self.send(order)

    def again(self, order: Order) -> Order:
        return Order.objects.select_related("route").get(id=order.id)

    def reconcile(self, reason: str = "test") -> Reconciliation:
        return account_reconcile(self.account.id, reason=reason)

    def orders(self) -> list[Order]:
        return list(Order.objects.filter(account_id=self.account.id).order_by("created_at", "id"))

    def journal(self, event: str = "order") -> list[Event]:
        return [each for each in self.book.journal() if each["event"] == event]

    def manual(self, **changes: Any) -> str:
        """An order that somebody places at the broker itself; its id there."""
        body = {
            "symbol": "NSE:RELIANCE",
            "side": "BUY",
            "product": "INTRADAY",
            "validity": "DAY",
            "quantity": 5,
            "order_type": "LIMIT",
            "price": "90.00",
        }
        with self.server.lock:
            return self.book.place(self.name, {**body, **changes}, manual=True).order_id


def make_live_desk(
    settings: Any, *, seed: int = 0, pieces: bool = False, journal: Journal | None = None
) -> LiveDesk:
    """A desk, a simulator, an account there with a crore of rupees, and the way between them open."""
    desk = make_desk()
    server = serve(Book(Journal(), seed=seed, pieces=pieces), Faults(seed))
    settings.BROKER_SIMULATOR_URL = server.url
    assert isinstance(desk.trader.user_id, UUID)
    with tenant_scope(desk.organisation.id):
        account = account_create(
            actor=desk.owner,
            owner_id=desk.trader.user_id,
            name="Live",
            broker=TradingAccount.Broker.SIMULATOR,
        )
        funds_deposit(actor=desk.owner, account_id=account.id, paise=CRORE_PAISE)
    show_book()
    with system_scope():
        epoch_ensure()
        assert account_reconcile(account.id, reason="start").is_complete
    return LiveDesk(desk, account, server)
