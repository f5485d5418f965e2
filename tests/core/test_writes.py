"""Writes collected and sent at once: the same rows as one by one, in order, and nobody reads around them."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction

from core.clock import wall_now
from core.db import writes
from core.ids import new_id
from core.tenancy import system_scope
from notifications.models import Notification, NotificationKind
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _scope() -> Iterator[None]:
    with system_scope():
        yield


def notice(title: str) -> Notification:
    organisation, user = make_organisation(), make_user()
    return Notification(
        organisation_id=organisation.id, user_id=user.id, kind=NotificationKind.RISK, title=title, link="/"
    )


def titles() -> list[str]:
    return list(Notification.objects.order_by("created_at", "id").values_list("title", flat=True))


def test_a_row_outside_of_a_block_is_written_at_once() -> None:
    row = notice("alone")
    writes.insert(row)
    assert titles() == ["alone"]
    row.refresh_from_db()
    assert row.created_at <= wall_now()


def test_rows_of_a_block_are_there_when_it_ends_and_in_order() -> None:
    first, second = notice("first"), notice("second")
    with transaction.atomic(), writes.together():
        writes.insert(first, second)
        first.title = "changed"
        writes.update(first, ["title"])
    assert titles() == ["changed", "second"]


def test_whoever_reads_inside_the_block_sees_what_was_written_before() -> None:
    row = notice("seen")
    with transaction.atomic(), writes.together():
        writes.insert(row)
        assert titles() == ["seen"]


def test_blocks_join_the_one_around_them() -> None:
    rows = [notice(str(number)) for number in range(3)]
    with transaction.atomic(), writes.together():
        for row in rows:
            with writes.together():
                writes.insert(row)
        assert writes._batch.get() is not None
        assert len(writes._batch.get().statements) == 3  # type: ignore[union-attr]
    assert len(titles()) == 3


def test_answers_come_when_the_block_is_sent() -> None:
    answers: list[int] = []
    with transaction.atomic(), writes.together():
        writes.run("SELECT 1", [], then=lambda rows: answers.append(rows[0][0]))
        writes.run("SELECT 2", [], then=lambda rows: answers.append(rows[0][0]))
        assert answers == []
    assert answers == [1, 2]


def test_the_last_effect_comes_after_all_writes_and_its_own_writes_are_sent() -> None:
    row, last = notice("row"), notice("last")
    seen: list[str] = []

    def look_and_write() -> None:
        seen.extend(titles())
        writes.insert(last)

    with transaction.atomic(), writes.together():
        writes.call_last(look_and_write)
        writes.insert(row)
    assert seen == ["row"]
    assert titles() == ["row", "last"]


def test_a_broken_constraint_is_djangos_error_and_takes_the_block_back() -> None:
    row = notice("once")
    again = notice("twice")
    again.id = row.id
    with pytest.raises(IntegrityError), transaction.atomic(), writes.together():
        writes.insert(row, again)
    assert titles() == []
    with transaction.atomic(), writes.together():
        writes.insert(row)
    assert titles() == ["once"]


def test_a_block_that_raises_sends_nothing_more() -> None:
    def lose() -> None:
        with transaction.atomic(), writes.together():
            writes.insert(notice("lost"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lose()
    assert titles() == []


def test_a_block_outside_of_a_transaction_is_refused(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="one transaction"), writes.together():
        pass


def test_statements_show_in_the_query_log(django_assert_num_queries) -> None:
    row = notice("logged")
    row.id = new_id()
    with django_assert_num_queries(1, connection=connection):
        writes.insert(row)
