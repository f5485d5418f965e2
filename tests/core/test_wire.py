"""Statements of a round trip: told to the server once, nothing runs behind a failure, COMMIT goes with the last."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.clock import wall_now
from core.db import writes
from core.db.pipeline import Statement, run_all
from core.tenancy import system_scope
from notifications.models import Notification, NotificationKind
from tests.factories import make_organisation, make_user


@pytest.fixture(autouse=True)
def _scope() -> Iterator[None]:
    with system_scope():
        yield


def notice(title: str) -> Notification:
    organisation, user = make_organisation(), make_user()
    return Notification(
        organisation_id=organisation.id, user_id=user.id, kind=NotificationKind.RISK, title=title, link="/"
    )


def prepared(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{text}%"])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_statement_is_told_to_the_server_once_however_often_it_runs() -> None:
    asked = [Statement("SELECT %s::int + 4711, '%%'", [number]) for number in (1, 2, 3)]
    assert run_all(asked) == [[(4712, "%")], [(4713, "%")], [(4714, "%")]]
    assert run_all(asked[:1]) == [[(4712, "%")]]
    assert prepared("+ 4711, '") == 1


@pytest.mark.django_db
def test_values_come_back_as_they_went() -> None:
    at, organisation = wall_now(), make_organisation()
    sql = "SELECT %s::timestamptz, %s::uuid, %s::numeric, %s::text, %s::bigint[], %s::boolean"
    values = (at, organisation.id, Decimal("12.3400"), "₹ '\"\\", [1, 2], True)
    assert run_all([Statement(sql, values)]) == [[values]]


@pytest.mark.django_db
def test_nothing_behind_a_failure_runs_and_what_was_not_told_is_told_again() -> None:
    later = Statement("SELECT 4712", [])
    with pytest.raises(DataError), transaction.atomic():
        run_all([Statement("SELECT 1 / %s::int", [0]), later])
    assert prepared("SELECT 4712") == 0
    assert run_all([Statement("SELECT 1 / %s::int", [1]), later]) == [[(1,)], [(4712,)]]


@pytest.mark.django_db
def test_a_server_that_has_forgotten_its_statements_is_told_them_anew() -> None:
    asked = [Statement("SELECT 4713", [])]
    run_all(asked)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(ProgrammingError), transaction.atomic():
        run_all(asked)
    assert run_all(asked) == [[(4713,)]]


@pytest.mark.django_db(transaction=True)
def test_commit_leaves_with_the_last_writes_and_effects_come_after_it() -> None:
    row, seen = notice("kept"), []
    with CaptureQueriesContext(connection) as queries, writes.until_commit():
        writes.insert(row)
        transaction.on_commit(lambda: seen.append(Notification.objects.filter(title="kept").exists()))
    assert seen == [True]
    sent = [each["sql"] for each in queries if "INSERT" in each["sql"]]
    assert len(sent) == 1
    assert sent[0].endswith("COMMIT")
    assert "COMMIT" not in [each["sql"] for each in queries]


@pytest.mark.django_db(transaction=True)
def test_what_breaks_on_the_way_to_commit_leaves_nothing() -> None:
    first, orphan, seen = notice("first"), notice("orphan"), []
    orphan.user_id = orphan.organisation_id

    def change() -> None:
        with writes.until_commit():
            transaction.on_commit(lambda: seen.append("told"))
            writes.insert(first)
            writes.call_last(lambda: writes.insert(orphan))

    with pytest.raises(IntegrityError):
        change()
    assert not Notification.objects.exists()
    assert seen == []


@pytest.mark.django_db(transaction=True)
def test_a_block_inside_another_transaction_leaves_the_commit_to_it() -> None:
    row = notice("undone")
    with transaction.atomic():
        with writes.until_commit():
            writes.insert(row)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


@pytest.mark.django_db
def test_rows_that_are_alike_are_stored_as_rows() -> None:
    row = notice("a")
    common = {
        "organisation_id": row.organisation_id,
        "user_id": row.user_id,
        "kind": row.kind,
        "link": "/",
        "created_at": wall_now(),
        "read_at": None,
    }
    rows = [{"id": str(notice(title).id), "title": title, "body": body} for title, body in (("a", "ü"), ("b", ""))]
    writes.insert_alike(Notification, common, rows)
    writes.insert_alike(Notification, common, [])
    stored = Notification.objects.order_by("title")
    assert [(each.title, each.body, each.user_id, each.read_at) for each in stored] == [
        ("a", "ü", row.user_id, None),
        ("b", "", row.user_id, None),
    ]


@pytest.mark.django_db
def test_what_is_too_long_for_its_column_is_refused_and_not_cut() -> None:
    row = notice("x" * 121)
    with pytest.raises(DataError), transaction.atomic():
        writes.insert(row)
