"""What a process keeps of folded books is always what the rows say."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain.permissions import Role
from analytics.benches import trade as trade_many
from analytics.domain.breakdown import By
from analytics.selectors import history_of, performance_of, scope_for
from analytics.selectors.book import book_lines
from analytics.selectors.breakdown import breakdown
from analytics.selectors.history import trading_days
from analytics.selectors.memory import FOLDS, FoldMemory
from analytics.selectors.tax import tax_of
from core import clock
from core.ids import new_id
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.analytics.books import a_round, trade
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side
from trading.orders.models import Fill

pytestmark = pytest.mark.django_db


def asked(desk: Desk) -> tuple[object, ...]:
    """Everything that a page is made of."""
    with tenant_scope(desk.organisation.id):
        scope = scope_for(desk.trader, account_id=desk.account.id)
        history = history_of(scope)
        report = performance_of(scope, organisation_id=desk.organisation.id, history=history)
        # NaN is not equal to itself.
        return (
            repr(report),
            breakdown(history, scope, By.TAG),
            history.trades,
            history.lines,
            tax_of(history, 2026),
        )


def test_a_new_fill_is_seen_at_once_and_only_new_rows_are_read(desk: Desk) -> None:
    a_round(desk)
    first = asked(desk)
    trade(desk, Side.SELL, 10)
    with CaptureQueriesContext(connection) as queries:
        grown = asked(desk)
    (read,) = [sql for each in queries if 'FROM "orders_fill" INNER JOIN' in (sql := each["sql"])]
    assert '"recorded_at" >' in read
    assert grown[3][:-1] == first[3]  # type: ignore[index]
    FOLDS.forget()
    assert asked(desk) == grown


def test_what_is_known_is_not_read_again(desk: Desk) -> None:
    a_round(desk)
    first = asked(desk)
    with CaptureQueriesContext(connection) as queries:
        assert asked(desk) == first
    assert not [each for each in queries if 'FROM "orders_fill" INNER JOIN' in each["sql"]]


def test_what_was_read_in_a_transaction_that_failed_is_not_believed(desk: Desk) -> None:
    a_round(desk)
    with transaction.atomic():
        trade(desk, Side.SELL, 30)
        asked(desk)
        transaction.set_rollback(True)
    trade(desk, Side.SELL, 5)
    told = asked(desk)
    FOLDS.forget()
    assert asked(desk) == told


def test_an_account_whose_sums_do_not_agree_is_read_anew(desk: Desk) -> None:
    """A row that another machine recorded with a slower clock lies before what is known."""
    a_round(desk)
    asked(desk)
    with tenant_scope(desk.organisation.id):
        early = Fill.objects.earliest("recorded_at")
        early.pk, early.broker_trade_id = new_id(), "from-elsewhere"
        with time_machine.travel(early.recorded_at - timedelta(seconds=1), tick=False):
            Fill.objects.bulk_create([early])
    told = asked(desk)
    FOLDS.forget()
    assert asked(desk) == told


def test_the_accounts_that_were_asked_for_longest_ago_are_let_go(desk: Desk) -> None:
    memory = FoldMemory(most_lines=2)
    a_round(desk)
    other = make_desk()
    show_book()
    trade(other, Side.BUY, 1)
    with tenant_scope(desk.organisation.id):
        memory.folds([desk.account.id])
        assert list(memory._kept) == [desk.account.id]
    with tenant_scope(other.organisation.id):
        assert [line.quantity for line in memory.folds([other.account.id])[0].lines] == [1]
        assert list(memory._kept) == [other.account.id]


def test_a_stranger_reads_nothing_of_what_another_tenants_process_keeps(desk: Desk) -> None:
    a_round(desk)
    asked(desk)
    stranger = actor_for(make_member(Role.OWNER))
    with tenant_scope(stranger.organisation_id):
        assert FOLDS.folds([desk.account.id])[0].lines == []
        assert book_lines([desk.account.id]) == []
    with tenant_scope(desk.organisation.id):
        assert len(FOLDS.folds([desk.account.id])[0].lines) == 2


@pytest.mark.parametrize(
    "page", ["/analytics/", "/analytics/trades/", "/analytics/tax/", "/api/v1/analytics/trades"]
)
def test_a_page_asks_the_same_number_of_statements_for_ten_fills_and_for_a_thousand(desk: Desk, page: str) -> None:
    browser = client_of(make_member(Role.OWNER, desk.organisation).user)
    today = clock.trading_date()
    days = trading_days(today.replace(day=1), today)

    def statements(fills: int) -> int:
        with tenant_scope(desk.organisation.id):
            trade_many(desk.account, [desk.instrument], days, fills)
        FOLDS.forget()
        browser.get(page)
        FOLDS.forget()
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"{page}?account={desk.account.id}").status_code == 200
        return len(queries)

    few = statements(200)
    assert statements(1_000) <= few
