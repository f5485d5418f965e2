"""Old stream events go; whoever stands before the gap is told to refetch, whoever stands behind it resumes."""

from datetime import timedelta

import pytest
from django.db import transaction

from core import streams
from core.clock import wall_now
from core.models import StreamEvent
from core.streams import Position
from core.tasks import trim_streams
from core.tenancy import system_scope, tenant_scope
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def epoch() -> str:
    """A stream of six events, of which the first four are four days old."""
    with system_scope(), transaction.atomic():
        organisation = make_organisation()
        events = [("tick", {"number": number}) for number in range(6)]
        streams.append_many("ours", events, organisation_id=organisation.id)
        StreamEvent.objects.filter(seq__lte=4).update(at=wall_now() - timedelta(days=4))
        head = streams.head("ours")
        assert head is not None
        return head.epoch


def test_the_task_trims_what_is_old_in_every_tenant(epoch: str) -> None:
    assert trim_streams.apply().get() == 4
    assert trim_streams.apply().get() == 0
    with system_scope():
        assert StreamEvent.objects.count() == 2


def test_a_client_behind_the_gap_resumes_and_one_before_it_refetches(epoch: str) -> None:
    with system_scope():
        head = streams.head("ours")
        assert head is not None
        assert streams.trim() == 4
        resumed = streams.read_after("ours", Position(epoch, head.seq - 2))
        assert resumed is not None
        assert [message.data["number"] for message in resumed] == [4, 5]
        assert streams.read_after("ours", Position(epoch, head.seq - 3)) is None


def test_numbers_go_on_after_everything_was_trimmed(epoch: str) -> None:
    with system_scope(), transaction.atomic():
        head = streams.head("ours")
        assert head is not None
        assert streams.trim(older_than=timedelta(days=-1)) == 6
        streams.append("ours", "tick", {}, organisation_id=make_organisation().id)
        assert streams.head("ours") == Position(epoch, head.seq + 1)


def test_batches_trim_as_much_as_one_statement_would(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_TRIM_BATCH", 3)
    with system_scope():
        assert streams.trim() == 4


def test_only_the_scope_is_trimmed(epoch: str) -> None:
    with tenant_scope(make_organisation().id):
        assert streams.trim() == 0
