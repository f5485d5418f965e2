"""A desk with two members, a trading account with ten lakh, and one share to trade."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from accounts.models import Membership
from core import clock
from core.ids import new_id
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_account, make_instrument, make_member
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import Quote
from trading.marketdata.services import quote_publish
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import FillFacts, account_lock, fill_post

TRADED_AT = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """Alice owns the account, Bob administers the organisation."""

    alice: Membership
    bob: Membership
    account: TradingAccount
    share: Instrument

    @property
    def trader(self) -> Actor:
        return actor_for(self.alice)

    @property
    def admin(self) -> Actor:
        return actor_for(self.bob)

    def fill(
        self,
        side: Side,
        quantity: int,
        price: str,
        *,
        product: Product = Product.INTRADAY,
        traded_at: datetime = TRADED_AT,
        pending: int = 0,
        **fields: object,
    ) -> FillFacts:
        """An execution of a new order, complete unless `pending` says otherwise."""
        facts = {"fill_id": new_id(), "order_id": new_id(), "instrument": self.share, **fields}
        return FillFacts(
            product=product,
            side=side,
            quantity=quantity,
            price=Decimal(price),
            traded_at=traded_at,
            order_pending_quantity=pending,
            **facts,  # type: ignore[arg-type]
        )


def make_desk() -> Desk:
    """A new organisation with a funded account."""
    alice = make_member(Role.TRADER)
    bob = make_member(Role.ADMIN, alice.organisation)
    share = Instrument.objects.filter(key="NSE:RELIANCE").first() or make_instrument("NSE:RELIANCE")
    return Desk(alice, bob, make_account(alice), share)


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    """The desk, with the database showing its organisation only."""
    made = make_desk()
    with tenant_scope(made.account.organisation_id):
        yield made


def log_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def publish(desk: Desk, ltp: str, close: str = "1500") -> None:
    quote_publish(
        [
            Quote(
                key=desk.share.key,
                ltp=Decimal(ltp),
                open=Decimal(close),
                high=Decimal(ltp),
                low=Decimal(close),
                close=Decimal(close),
                timestamp=clock.now(),
                received_at=clock.wall_now(),
                source="test",
            )
        ]
    )


@pytest.fixture
def trade(desk: Desk) -> Callable[..., None]:
    """Post a fill of now to the desk's account."""

    def post(side: Side, quantity: int, price: str, **fields: Any) -> None:
        with transaction.atomic():
            fill_post(
                account=account_lock(desk.account.id),
                fill=desk.fill(side, quantity, price, traded_at=timezone.now(), **fields),
            )

    return post
