"""A desk to trade at: an organisation, a trader with funds, an instrument, and a book that tests set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from accounts.models import Organisation
from core.clock import wall_now
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_member, make_organisation
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import DepthLevel, Quote
from trading.marketdata.services import quote_publish
from trading.orders.domain.gate import Coming, GateDecision, OrderContext, StoredOrder
from trading.orders.domain.intent import OrderIntent
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

LAKH_PAISE = 1_00_000_00
KEY = "NSE:RELIANCE"
Levels = Sequence[tuple[str, int]]

_sequence = count(1)


class OpenGate:
    """Allows everything; the desk's own limits are riskmgmt's to test."""

    def questions(self, **order: Any) -> list[Any]:
        return []

    def enter(self, coming: Coming) -> None:
        return None

    def check(self, context: OrderContext) -> list[GateDecision]:
        return [GateDecision("open", True, "open", "")]

    def record(self, order: StoredOrder, decisions: Sequence[GateDecision]) -> None:
        return None

    def may_send(self, order: StoredOrder) -> GateDecision:
        return GateDecision("open", True, "open", "")


class ShutGate(OpenGate):
    def check(self, context: OrderContext) -> list[GateDecision]:
        return [GateDecision("shut", False, "desk_closed", "Nobody trades today.", limit="0", used="1")]


class BrokenGate(OpenGate):
    def check(self, context: OrderContext) -> list[GateDecision]:
        raise ZeroDivisionError


class ModestGate(OpenGate):
    """Refuses more than 100 units."""

    def check(self, context: OrderContext) -> list[GateDecision]:
        allowed = context.intent.quantity <= 100
        return [GateDecision("modest", allowed, "too_many", "At most 100.", "100", str(context.intent.quantity))]


@dataclass(frozen=True)
class Desk:
    organisation: Organisation
    owner: Actor
    trader: Actor
    account: TradingAccount
    instrument: Instrument

    def intent(self, side: Side = Side.BUY, quantity: int = 10, **changes: object) -> OrderIntent:
        """A MARKET intent, or a LIMIT one when a `price` is given."""
        price = changes.pop("price", None)
        values: dict[str, object] = {
            "account_id": self.account.id,
            "key": self.instrument.key,
            "side": side,
            "quantity": quantity,
            "order_type": OrderType.MARKET if price is None else OrderType.LIMIT,
            "product": Product.INTRADAY,
            "validity": Validity.DAY,
            "client_order_id": uuid4().hex,
            "price": None if price is None else Decimal(str(price)),
        }
        return OrderIntent(**{**values, **changes})  # type: ignore[arg-type]


def make_desk(*, paise: int = 10 * LAKH_PAISE, key: str = KEY) -> Desk:
    """A trader with a funded paper account, in an organisation of its own."""
    organisation = make_organisation()
    owner = actor_for(make_member(Role.OWNER, organisation))
    trader = actor_for(make_member(Role.TRADER, organisation))
    assert trader.user_id is not None
    with tenant_scope(organisation.id):
        account = account_create(actor=owner, owner_id=trader.user_id, name="Paper")
        funds_deposit(actor=owner, account_id=account.id, paise=paise)
    exchange, symbol = key.split(":")
    instrument, _ = Instrument.objects.get_or_create(
        key=key,
        defaults={
            "exchange": exchange,
            "symbol": symbol,
            "name": symbol.title(),
            "instrument_type": "EQ",
            "tick_size": Decimal("0.05"),
        },
    )
    return Desk(organisation, owner, trader, account, instrument)


def show_book(
    *,
    bids: Levels = (("99.95", 1000),),
    asks: Levels = (("100.00", 1000),),
    ltp: str = "100.00",
    key: str = KEY,
    age: timedelta = timedelta(0),
    at: datetime | None = None,
    volume: int = 0,
    close: str = "99.00",
) -> Quote:
    """Make this the latest snapshot of the instrument, and return it."""
    quote = Quote(
        key=key,
        ltp=Decimal(ltp),
        open=Decimal(ltp),
        high=Decimal(ltp),
        low=Decimal(ltp),
        close=Decimal(close),
        volume=volume,
        bids=tuple(DepthLevel(Decimal(price), quantity) for price, quantity in bids),
        asks=tuple(DepthLevel(Decimal(price), quantity) for price, quantity in asks),
        timestamp=at or datetime.now(UTC).replace(microsecond=0),
        received_at=wall_now() - age,
        source="simulated",
        sequence=next(_sequence),
    )
    quote_publish([quote])
    return quote
