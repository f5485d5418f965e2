"""Real transactions on real connections: funds are never promised twice."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction

from core.errors import Conflict
from core.ids import new_id
from core.tenancy import tenant_scope
from tests.portfolio.conftest import make_desk
from trading.brokers.domain.terms import Side
from trading.portfolio.models import LedgerBalance, Position
from trading.portfolio.services import (
    InsufficientFunds,
    account_lock,
    fill_post,
    funds_deposit,
    hold_set,
    ledger_verify,
)

LAKH = 1_00_000_00


@pytest.mark.django_db(transaction=True)
def test_a_hundred_parallel_holds_with_money_for_ten_take_ten():
    desk = make_desk()
    account_id, organisation_id = desk.account.id, desk.account.organisation_id

    def hold(_: int) -> bool:
        try:
            with tenant_scope(organisation_id), transaction.atomic():
                account = account_lock(account_id)
                hold_set(account=account, order_id=new_id(), paise=LAKH, event_id=new_id())
        except InsufficientFunds:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=12) as pool:
        taken = sum(pool.map(hold, range(100)))
    with tenant_scope(organisation_id):
        balance = LedgerBalance.objects.get(account_id=account_id)
        assert (taken, balance.available_paise, balance.blocked_paise) == (10, 0, 10 * LAKH)
        assert ledger_verify() == []


@pytest.mark.django_db(transaction=True)
def test_parallel_fills_and_deposits_lose_nothing():
    desk = make_desk()
    account_id, organisation_id = desk.account.id, desk.account.organisation_id

    def act(number: int) -> None:
        try:
            with tenant_scope(organisation_id):
                _act(number)
        finally:
            connection.close()

    def _act(number: int) -> None:
        if number % 4 == 0:
            funds_deposit(actor=desk.admin, account_id=account_id, paise=100)
            return
        side = Side.BUY if number % 2 else Side.SELL
        with transaction.atomic():
            fill_post(account=account_lock(account_id), fill=desk.fill(side, 3, "1500"))

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(act, range(40)))
    with tenant_scope(organisation_id):
        balance = LedgerBalance.objects.get(account_id=account_id)
        assert balance.capital_paise == -(10 * LAKH + 10 * 100)
        assert Position.objects.get().quantity == 3 * (20 - 10)
        assert ledger_verify() == []


@pytest.mark.django_db(transaction=True)
def test_one_deposit_sent_many_times_at_once_is_posted_once():
    desk = make_desk()
    account_id, organisation_id, reference = desk.account.id, desk.account.organisation_id, new_id()

    def deposit(reference: UUID) -> bool:
        try:
            with tenant_scope(organisation_id):
                funds_deposit(actor=desk.admin, account_id=account_id, paise=700, deposit_id=reference)
        except Conflict:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        posted = sum(pool.map(deposit, [reference] * 16))
    with tenant_scope(organisation_id):
        assert posted == 1
        assert LedgerBalance.objects.get(account_id=account_id).available_paise == 10 * LAKH + 700
