"""The stored ledger against a small pure model: any sequence of events leaves both with the same books."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.ids import new_id
from core.tenancy import tenant_scope
from tests.portfolio.conftest import Desk, make_desk
from trading.brokers.domain.terms import Product, Side
from trading.portfolio.domain.ledger import LedgerAccount
from trading.portfolio.domain.position import unrealised_pnl_paise
from trading.portfolio.models import LedgerBalance, Position
from trading.portfolio.services import (
    InsufficientFunds,
    account_lock,
    fill_post,
    funds_deposit,
    funds_withdraw,
    hold_set,
    ledger_verify,
)

paise = st.integers(min_value=1, max_value=5_00_000_00)
quantities = st.integers(min_value=1, max_value=300)
prices = st.decimals(min_value="1", max_value="3000", places=2)


@dataclass
class Books:
    """What must be true, kept as plainly as possible: cash in, holds, and cash moved by trades."""

    capital: int = 0
    holds: dict[UUID, int] = field(default_factory=dict)
    charges: int = 0
    trade_cash: int = 0
    delivery: int = 0
    intraday: int = 0


class LedgerMachine(RuleBasedStateMachine):
    """Deposits, withdrawals, holds and fills in any order."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk = make_desk()
        self.books = Books(capital=1_000_000_00)
        self.scope = tenant_scope(self.desk.account.organisation_id)
        self.scope.__enter__()

    def teardown(self) -> None:
        # Once: what is written in a ledger stays, and so does its fault.
        findings = ledger_verify()
        self.scope.__exit__(None, None, None)
        assert findings == []

    @property
    def balance(self) -> LedgerBalance:
        found: LedgerBalance = LedgerBalance.objects.get(account=self.desk.account)
        return found

    @rule(amount=paise)
    def deposit(self, amount):
        funds_deposit(actor=self.desk.admin, account_id=self.desk.account.id, paise=amount)
        self.books.capital += amount

    @rule(amount=paise)
    def withdraw(self, amount):
        affordable = self.balance.available_paise >= amount
        try:
            funds_withdraw(actor=self.desk.admin, account_id=self.desk.account.id, paise=amount)
        except InsufficientFunds:
            assert not affordable
        else:
            assert affordable
            self.books.capital -= amount

    @rule(target=orders)
    def new_order(self):
        return new_id()

    @rule(order=orders, level=st.one_of(st.just(0), paise))
    def set_hold(self, order, level):
        increase = level - self.books.holds.get(order, 0)
        affordable = increase <= 0 or self.balance.available_paise >= increase
        try:
            with transaction.atomic():
                account = account_lock(self.desk.account.id)
                hold_set(account=account, order_id=order, paise=level, event_id=new_id())
        except InsufficientFunds:
            assert not affordable
        else:
            assert affordable
            self.books.holds[order] = level

    @rule(
        order=orders,
        buys=st.booleans(),
        quantity=quantities,
        pending=st.integers(min_value=0, max_value=300),
        price=prices,
        delivered=st.booleans(),
    )
    def fill(self, order, buys, quantity, pending, price, delivered):
        side = Side.BUY if buys else Side.SELL
        if delivered and not buys:
            quantity = min(quantity, self.books.delivery)
        if quantity == 0:
            return
        product = Product.DELIVERY if delivered else Product.INTRADAY
        facts = self.desk.fill(side, quantity, str(price), product=product, order_id=order, pending=pending)
        with transaction.atomic():
            result = fill_post(account=account_lock(self.desk.account.id), fill=facts)
        self.books.holds[order] = result.hold_paise
        assert pending or result.hold_paise == 0
        self.books.charges += int(result.charges.total * 100)
        self.books.trade_cash -= side.sign * int(price * quantity * 100)
        if delivered:
            self.books.delivery += side.sign * quantity
        else:
            self.books.intraday += side.sign * quantity

    @invariant()
    def the_books_agree(self):
        now = self.balance
        assert now.capital_paise == -self.books.capital
        assert now.blocked_paise == sum(self.books.holds.values())
        assert now.charges_paise == self.books.charges
        assert sum(getattr(now, f"{kind.lower()}_paise") for kind in LedgerAccount) == 0

    @invariant()
    def positions_agree_and_explain_the_cash(self):
        found = {row.product: row for row in Position.objects.filter(account=self.desk.account)}
        held = {product: row.quantity for product, row in found.items()}
        assert held.get("DELIVERY", 0) == self.books.delivery
        assert held.get("INTRADAY", 0) == self.books.intraday
        mark = Decimal(100)
        profit = sum(
            row.realised_pnl_paise + unrealised_pnl_paise(row.quantity, row.open_value_paise, mark)
            for row in found.values()
        )
        assert profit == self.books.trade_cash + sum(held.values()) * 100 * 100


@pytest.mark.django_db
def test_any_sequence_of_events_keeps_the_ledger_and_the_model_equal():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
