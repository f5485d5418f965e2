"""Prepared queries give what their querysets give, for whatever arguments, on any thread, in one round trip."""

from collections.abc import Iterator
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from core.db import writes
from core.db.prepared import Prepared, ask
from core.tenancy import system_scope
from notifications.models import Notification, NotificationKind
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db

of_user = Prepared(
    lambda user_id, title: Notification.objects.filter(user_id=user_id, title__gt=title).select_related("user"),
    user_id=UUID,
    title=str,
)
titles_of = Prepared(
    lambda user_id: Notification.objects.filter(user_id=user_id).order_by("title").values_list("title", flat=True),
    user_id=UUID,
)
shapes_of = Prepared(
    lambda user_id: Notification.objects.filter(user_id=user_id).values("title", address=F("user__email")),
    user_id=UUID,
)


@pytest.fixture(autouse=True)
def _scope() -> Iterator[None]:
    with system_scope():
        yield


@pytest.fixture
def notice() -> Notification:
    return Notification.objects.create(
        organisation=make_organisation(), user=make_user(), kind=NotificationKind.RISK, title="Breach", link="/"
    )


def test_instances_come_with_their_relations(notice: Notification, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        [found] = of_user(user_id=notice.user_id, title="A")
        assert found == notice
        assert found.user.email == notice.user.email
    assert of_user(user_id=notice.user_id, title="C") == []
    assert of_user.first(user_id=uuid4(), title="A") is None


def test_values_come_as_the_queryset_gives_them(notice: Notification) -> None:
    assert titles_of(user_id=notice.user_id) == ["Breach"]
    assert shapes_of(user_id=notice.user_id) == [{"title": "Breach", "address": notice.user.email}]


def test_the_query_is_compiled_once(notice: Notification, monkeypatch: pytest.MonkeyPatch) -> None:
    titles_of(user_id=notice.user_id)
    monkeypatch.setattr(titles_of, "_build", None)
    assert titles_of(user_id=uuid4()) == []
    assert titles_of(user_id=notice.user_id) == ["Breach"]


def test_several_questions_are_one_round_trip_and_see_each_others_locks(notice: Notification) -> None:
    locked = Prepared(lambda id: Notification.objects.select_for_update().filter(id=id), id=UUID)
    with transaction.atomic():
        [first], titles = ask(locked.question(id=notice.id), titles_of.question(user_id=notice.user_id))
    assert first == notice
    assert titles == ["Breach"]


def test_a_question_sees_what_was_collected_before_it(notice: Notification) -> None:
    with transaction.atomic(), writes.together():
        notice.title = "Changed"
        writes.update(notice, ["title"])
        assert titles_of(user_id=notice.user_id) == ["Changed"]


@pytest.mark.django_db(transaction=True)
def test_a_query_compiled_by_one_thread_answers_in_another(notice: Notification) -> None:
    titles_of(user_id=notice.user_id)
    answers: list[str] = []

    def read() -> None:
        try:
            with system_scope():
                answers.extend(titles_of(user_id=notice.user_id))
        finally:
            connection.close()

    thread = Thread(target=read)
    thread.start()
    thread.join()
    assert answers == ["Breach"]


def test_an_argument_that_the_query_does_not_use_is_refused() -> None:
    idle = Prepared(lambda user_id, other: Notification.objects.filter(user_id=user_id), user_id=UUID, other=str)
    with pytest.raises(ValueError, match="other"):
        idle(user_id=uuid4(), other="x")
