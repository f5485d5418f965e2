"""The ledger: what it refuses, and that every posting leaves the books true."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.ids import new_id
from core.tenancy import tenant_scope
from tests.portfolio.conftest import Desk, make_desk
from trading.brokers.domain.terms import Product, Side
from trading.portfolio.models import FundsHold, LedgerBalance, LedgerEntry, LedgerTransaction, Position
from trading.portfolio.services import (
    InsufficientFunds,
    account_create,
    account_lock,
    account_lock_for,
    fill_post,
    funds_deposit,
    funds_withdraw,
    hold_set,
    ledger_verify,
)

TEN_LAKH = 1_000_000_00


def balance(desk: Desk) -> LedgerBalance:
    found: LedgerBalance = LedgerBalance.objects.get(account=desk.account)
    return found


def test_a_new_account_has_what_was_deposited(desk):
    now = balance(desk)
    assert (now.available_paise, now.capital_paise) == (TEN_LAKH, -TEN_LAKH)
    assert ledger_verify() == []


def test_the_same_deposit_is_posted_once(desk):
    reference = new_id()
    funds_deposit(actor=desk.admin, account_id=desk.account.id, paise=500, deposit_id=reference)
    with pytest.raises(Conflict) as refused:
        funds_deposit(actor=desk.admin, account_id=desk.account.id, paise=500, deposit_id=reference)
    assert refused.value.code == "duplicate_transfer"
    assert balance(desk).available_paise == TEN_LAKH + 500


def test_a_withdrawal_stops_at_what_is_available(desk):
    with pytest.raises(InsufficientFunds):
        funds_withdraw(actor=desk.admin, account_id=desk.account.id, paise=TEN_LAKH + 1)
    funds_withdraw(actor=desk.admin, account_id=desk.account.id, paise=TEN_LAKH)
    assert balance(desk).available_paise == 0
    assert ledger_verify() == []


@pytest.mark.parametrize("paise", [0, -1, 10**12])
def test_a_deposit_out_of_range_is_refused(desk, paise):
    with pytest.raises(InvalidInput):
        funds_deposit(actor=desk.admin, account_id=desk.account.id, paise=paise)


def test_a_trader_may_not_deposit_or_open_accounts(desk):
    with pytest.raises(PermissionDenied):
        funds_deposit(actor=desk.trader, account_id=desk.account.id, paise=100)
    with pytest.raises(PermissionDenied):
        account_create(actor=desk.trader, owner_id=desk.alice.user_id, name="Mine")


def test_an_account_needs_a_member_as_owner_and_a_free_name(desk):
    with pytest.raises(InvalidInput):
        account_create(actor=desk.admin, owner_id=new_id(), name="Nobody's")
    with pytest.raises(Conflict):
        account_create(actor=desk.admin, owner_id=desk.alice.user_id, name=desk.account.name)


def test_an_outsider_finds_no_account_to_move_money_in(desk):
    charlie = make_desk()
    with tenant_scope(charlie.account.organisation_id), transaction.atomic():
        with pytest.raises(NotFound):
            account_lock_for(charlie.admin, desk.account.id)
        with pytest.raises(NotFound):
            account_lock(desk.account.id)
        with pytest.raises(NotFound):
            funds_deposit(actor=charlie.admin, account_id=desk.account.id, paise=100)


def test_a_hold_is_raised_lowered_and_released(desk):
    order_id = new_id()
    account = account_lock(desk.account.id)
    assert hold_set(account=account, order_id=order_id, paise=3000, event_id=new_id()) == 3000
    assert hold_set(account=account, order_id=order_id, paise=5000, event_id=new_id()) == 2000
    assert hold_set(account=account, order_id=order_id, paise=5000, event_id=new_id()) == 0
    assert balance(desk).blocked_paise == 5000
    assert hold_set(account=account, order_id=order_id, paise=0, event_id=new_id()) == -5000
    now = balance(desk)
    assert (now.blocked_paise, now.available_paise) == (0, TEN_LAKH)
    assert account.balance.available_paise == TEN_LAKH
    assert not FundsHold.objects.exists()
    assert ledger_verify() == []


def test_a_hold_beyond_the_funds_writes_nothing(desk):
    account = account_lock(desk.account.id)
    before = LedgerTransaction.objects.count()
    with pytest.raises(InsufficientFunds):
        hold_set(account=account, order_id=new_id(), paise=TEN_LAKH + 1, event_id=new_id())
    assert LedgerTransaction.objects.count() == before
    assert balance(desk).blocked_paise == 0


def test_a_delivery_round_trip_moves_cost_profit_and_charges(desk):
    account = account_lock(desk.account.id)
    bought = fill_post(account=account, fill=desk.fill(Side.BUY, 10, "1500", product=Product.DELIVERY))
    assert balance(desk).inventory_paise == 15_000_00
    sold = fill_post(account=account, fill=desk.fill(Side.SELL, 10, "1510", product=Product.DELIVERY))
    now = balance(desk)
    charges = int((bought.charges.total + sold.charges.total) * 100)
    assert (now.inventory_paise, now.realised_pnl_paise, now.charges_paise) == (0, -100_00, charges)
    assert now.available_paise == TEN_LAKH + 100_00 - charges
    assert sold.realised_pnl_paise == 100_00
    assert ledger_verify() == []


def test_an_intraday_position_blocks_a_fifth_and_gives_it_back(desk):
    account = account_lock(desk.account.id)
    fill_post(account=account, fill=desk.fill(Side.SELL, 100, "1500"))
    assert balance(desk).margin_paise == 30_000_00
    fill_post(account=account, fill=desk.fill(Side.BUY, 50, "1500"))
    assert balance(desk).margin_paise == 15_000_00
    fill_post(account=account, fill=desk.fill(Side.BUY, 50, "1500"))
    assert balance(desk).margin_paise == 0
    assert ledger_verify() == []


def test_fills_give_the_hold_back_in_proportion(desk):
    account, order_id = account_lock(desk.account.id), new_id()
    hold_set(account=account, order_id=order_id, paise=1001, event_id=new_id())
    first = desk.fill(Side.BUY, 1, "10", order_id=order_id, pending=2)
    assert fill_post(account=account, fill=first).hold_paise == 1001 - 334
    second = desk.fill(Side.BUY, 2, "10", order_id=order_id)
    assert fill_post(account=account, fill=second).released_hold_paise == 667
    assert balance(desk).blocked_paise == 0
    assert ledger_verify() == []


def test_what_is_not_held_cannot_be_delivered(desk):
    account = account_lock(desk.account.id)
    with pytest.raises(Conflict) as refused:
        fill_post(account=account, fill=desk.fill(Side.SELL, 1, "1500", product=Product.DELIVERY))
    assert refused.value.code == "delivery_quantity_short"
    assert not Position.objects.exists()


def test_a_loss_may_take_available_below_zero_but_a_hold_may_not(desk):
    account = account_lock(desk.account.id)
    fill_post(account=account, fill=desk.fill(Side.SELL, 3000, "1500"))
    fill_post(account=account, fill=desk.fill(Side.BUY, 3000, "2000"))
    assert balance(desk).available_paise < 0
    with pytest.raises(InsufficientFunds):
        hold_set(account=account, order_id=new_id(), paise=1, event_id=new_id())
    with pytest.raises(IntegrityError, match="balance_holds_within_funds"), transaction.atomic():
        LedgerBalance.objects.filter(account=account).update(last_source_type="HOLD")
    assert ledger_verify() == []


def test_the_same_fill_is_never_posted_twice(desk):
    account, fill = account_lock(desk.account.id), desk.fill(Side.BUY, 1, "1500")
    fill_post(account=account, fill=fill)
    with pytest.raises(IntegrityError, match="ledger_source_posted_once"), transaction.atomic():
        fill_post(account=account, fill=fill)


def test_strategies_keep_separate_positions(desk):
    account = account_lock(desk.account.id)
    fill_post(account=account, fill=desk.fill(Side.BUY, 5, "1500"))
    fill_post(account=account, fill=desk.fill(Side.SELL, 5, "1500", strategy="orb"))
    assert sorted(Position.objects.values_list("strategy", "quantity")) == [("", 5), ("orb", -5)]
    assert ledger_verify() == []


@pytest.mark.parametrize("table", ["portfolio_ledgerentry", "portfolio_ledgertransaction"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_history_cannot_be_changed(desk, table, statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The suite switches the truncation guard off for its own clean-up.
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement.format(table))


def test_an_unbalanced_transaction_can_not_commit(desk):
    posted = LedgerTransaction.objects.get(source_type="DEPOSIT")
    LedgerEntry.objects.create(
        organisation=desk.account.organisation,
        account=desk.account,
        transaction=posted,
        kind="MARGIN",
        amount_paise=1,
    )
    with pytest.raises(IntegrityError, match="off by"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_balance_that_does_not_sum_to_zero_is_refused(desk):
    with pytest.raises(IntegrityError, match="balance_sums_to_zero"), transaction.atomic():
        LedgerBalance.objects.filter(account=desk.account).update(available_paise=1)


def test_verification_names_a_balance_that_left_its_entries(desk):
    LedgerBalance.objects.filter(account=desk.account).update(available_paise=TEN_LAKH - 5, inventory_paise=5)
    codes = {finding.code for finding in ledger_verify()}
    assert codes == {"balance_available", "balance_inventory", "positions_differ_from_inventory"}


def test_a_paper_broker_has_no_live_account(desk):
    desk.account.mode = "LIVE"
    with pytest.raises(IntegrityError, match="account_paper_broker_is_paper_mode"), transaction.atomic():
        desk.account.save()


def test_posting_a_fill_costs_few_statements(desk, django_assert_max_num_queries):
    account = account_lock(desk.account.id)
    fill_post(account=account, fill=desk.fill(Side.BUY, 1, "1500"))
    with django_assert_max_num_queries(7):
        fill_post(account=account, fill=desk.fill(Side.BUY, 1, "1500.05", held_paise=0))
