from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from core import streams
from core.ids import new_id
from core.models import StreamHead
from core.tenancy import SYSTEM, current_tenant, system_scope, tenant_scope
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


def _two_streams() -> tuple[StreamHead, StreamHead]:
    with system_scope():
        ours, theirs = make_organisation(), make_organisation()
        return (
            StreamHead.objects.create(organisation=ours, stream="ours"),
            StreamHead.objects.create(organisation=theirs, stream="theirs"),
        )


def _visible() -> set[str]:
    return set(StreamHead.objects.values_list("stream", flat=True))


def test_the_application_role_is_bound_by_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_the_database_shows_a_tenant_its_own_rows_only() -> None:
    ours, _ = _two_streams()
    with tenant_scope(ours.organisation_id):
        assert _visible() == {"ours"}
    with tenant_scope(uuid4()):
        assert _visible() == set()
    with system_scope():
        assert _visible() == {"ours", "theirs"}


def test_without_a_scope_there_is_nothing_to_see() -> None:
    _two_streams()
    assert current_tenant() == ""
    assert _visible() == set()


def test_a_row_cannot_be_written_into_another_tenant() -> None:
    ours, theirs = _two_streams()
    with tenant_scope(ours.organisation_id), pytest.raises(ProgrammingError), transaction.atomic():
        StreamHead.objects.create(organisation_id=theirs.organisation_id, stream="smuggled")


def test_the_scope_survives_a_rollback_on_the_same_connection() -> None:
    ours, theirs = _two_streams()
    with tenant_scope(ours.organisation_id):
        with pytest.raises(IntegrityError), transaction.atomic():
            StreamHead.objects.create(organisation_id=ours.organisation_id, stream="ours", epoch=new_id())
        assert _visible() == {"ours"}
    with tenant_scope(theirs.organisation_id):
        with transaction.atomic(), tenant_scope(ours.organisation_id):
            assert _visible() == {"ours"}
            transaction.set_rollback(True)
        assert _visible() == {"theirs"}


def test_scopes_nest_and_unwind() -> None:
    one = uuid4()
    with tenant_scope(one):
        with system_scope():
            assert current_tenant() == SYSTEM
        assert current_tenant() == str(one)
    assert current_tenant() == ""


def test_for_actor_fails_closed() -> None:
    with pytest.raises(TypeError):
        StreamHead.objects.for_actor(None)  # type: ignore[arg-type]


def test_a_stream_counts_without_gaps_and_replays_what_came_later() -> None:
    with system_scope():
        organisation = make_organisation()
        for name in "abc":
            with transaction.atomic():
                streams.append("s", name, {"n": name}, organisation_id=organisation.pk)
        with transaction.atomic():
            streams.append("s", "rolled back", {}, organisation_id=organisation.pk)
            transaction.set_rollback(True)
        head = streams.head("s")
        assert head is not None
        assert head.seq == 3
        later = streams.read_after("s", streams.Position(head.epoch, 1))
        assert later is not None
        assert [(m.seq, m.name) for m in later] == [(2, "b"), (3, "c")]
        assert streams.read_after("s", head) == []
        assert streams.read_after("s", streams.Position(str(new_id()), 1)) is None
        assert streams.read_after("s", streams.Position(head.epoch, 4)) is None


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with system_scope():
        organisation = make_organisation()
        with pytest.raises(RuntimeError, match="transaction"):
            streams.append("s", "a", {}, organisation_id=organisation.pk)
