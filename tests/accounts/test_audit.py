"""The audit trail: what it refuses, and that each kind of tampering is found and named."""

from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.audit_chain import AuditFacts, Link, chain_fault, link_hash
from accounts.domain.permissions import Role
from accounts.models import AuditEntry, AuditHead, Organisation
from accounts.selectors import audit_fault
from accounts.services import audit_record
from core.clock import wall_now
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_member

pytestmark = pytest.mark.django_db


def _trail(entries: int = 5) -> Organisation:
    """An organisation with that many entries beside the one of its founding."""
    member = make_member(Role.OWNER)
    with tenant_scope(member.organisation_id):
        for number in range(entries):
            audit_record(
                actor=actor_for(member),
                action="test.done",
                object_type="test",
                object_id=number,
                data={"amount": Decimal("10.50"), "note": "₹ & ü", "nested": {"b": 1, "a": [True, None]}},
            )
    return member.organisation


def _tamper(sql: str, *parameters: object) -> None:
    """Change rows as somebody with the database owner's password could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("accounts_auditentry", "accounts_audithead"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)


def test_a_trail_as_written_is_whole() -> None:
    organisation = _trail()
    with tenant_scope(organisation.id):
        assert audit_fault(organisation.id) is None
        assert list(AuditEntry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5, 6]


def _alter(organisation_id: UUID) -> None:
    _tamper(
        "UPDATE accounts_auditentry SET actor_label = 'somebody else' WHERE organisation_id = %s AND seq = 3",
        organisation_id,
    )


def _delete(organisation_id: UUID) -> None:
    _tamper("DELETE FROM accounts_auditentry WHERE organisation_id = %s AND seq = 3", organisation_id)


def _truncate(organisation_id: UUID) -> None:
    _tamper("DELETE FROM accounts_auditentry WHERE organisation_id = %s AND seq > 4", organisation_id)


def _insert(organisation_id: UUID) -> None:
    # Forged with a hash that is right in itself and follows the last true entry.
    last = AuditEntry.objects.get(organisation_id=organisation_id, seq=6)
    facts = AuditFacts(organisation_id, 7, wall_now(), "user", None, None, "forger", "test.done", "test", "9", {})
    AuditEntry.objects.create(
        organisation_id=organisation_id,
        seq=7,
        at=facts.at,
        actor_kind="user",
        actor_label="forger",
        action="test.done",
        object_type="test",
        object_id="9",
        data={},
        prev_hash=last.hash,
        hash=link_hash(last.hash, facts),
    )


def _reorder(organisation_id: UUID) -> None:
    _tamper(
        "UPDATE accounts_auditentry SET seq = CASE seq WHEN 3 THEN 40 ELSE 30 END "
        "WHERE organisation_id = %s AND seq IN (3, 4)",
        organisation_id,
    )
    _tamper(
        "UPDATE accounts_auditentry SET seq = seq / 10 WHERE organisation_id = %s AND seq >= 30", organisation_id
    )


@pytest.mark.parametrize(
    ("tamper", "first_bad"), [(_alter, 3), (_delete, 3), (_truncate, 5), (_insert, 7), (_reorder, 3)]
)
def test_tampering_is_found_and_the_first_bad_entry_named(tamper: Callable[[UUID], None], first_bad: int) -> None:
    organisation, untouched = _trail(), _trail(2)
    with tenant_scope(organisation.id):
        tamper(organisation.id)
        fault = audit_fault(organisation.id)
    assert fault is not None
    assert fault.seq == first_bad
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=StringIO(), stderr=told)
    assert organisation.slug in told.getvalue()
    assert str(first_bad) in told.getvalue()
    call_command("verify_audit", organisation=untouched.slug, stdout=StringIO())


def test_a_removed_head_is_a_fault() -> None:
    organisation = _trail(1)
    with tenant_scope(organisation.id):
        _tamper("DELETE FROM accounts_audithead WHERE organisation_id = %s", organisation.id)
        assert audit_fault(organisation.id) is not None


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET action = ''", "DELETE FROM accounts_auditentry"]
)
def test_the_database_itself_refuses_to_rewrite_history(statement: str) -> None:
    organisation = _trail(1)
    with (
        tenant_scope(organisation.id),
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("accounts_auditentry"))


def test_the_head_never_goes_back() -> None:
    organisation = _trail(1)
    with tenant_scope(organisation.id), pytest.raises(DatabaseError), transaction.atomic():
        AuditHead.objects.filter(organisation=organisation).update(seq=1)


def test_a_float_is_refused_because_it_would_read_back_differently() -> None:
    member = make_member(Role.OWNER)
    with tenant_scope(member.organisation_id), pytest.raises(TypeError, match="float"):
        audit_record(actor=actor_for(member), action="a", object_type="t", object_id=1, data={"x": 0.1})


def test_an_entry_costs_three_statements(django_assert_num_queries: Callable[..., object]) -> None:
    member = make_member(Role.OWNER)
    with tenant_scope(member.organisation_id):
        AuditHead.objects.count()
        with django_assert_num_queries(3):  # type: ignore[attr-defined]
            audit_record(actor=actor_for(member), action="a", object_type="t", object_id=1)


def test_another_organisation_sees_no_entry() -> None:
    ours, theirs = _trail(3), _trail(1)
    with tenant_scope(theirs.id):
        assert not AuditEntry.objects.filter(organisation=ours).exists()


_facts = st.builds(
    AuditFacts,
    organisation_id=st.uuids(),
    seq=st.just(0),
    at=st.datetimes(timezones=st.timezones()),
    actor_kind=st.sampled_from(["user", "api_key", "system"]),
    actor_id=st.none() | st.uuids(),
    api_key_id=st.none() | st.uuids(),
    actor_label=st.text(),
    action=st.text(),
    object_type=st.text(),
    object_id=st.text(),
    data=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()),
)


@given(st.lists(_facts, min_size=2, max_size=8), st.data())
def test_any_single_change_to_any_chain_is_found(facts: list[AuditFacts], data: st.DataObject) -> None:
    from dataclasses import replace

    links: list[Link] = []
    for seq, fact in enumerate(facts, start=1):
        prev_hash = links[-1].hash if links else ""
        numbered = replace(fact, seq=seq)
        links.append(Link(numbered, prev_hash, link_hash(prev_hash, numbered)))
    head = links[-1]
    assert chain_fault(links, head_seq=len(links), head_hash=head.hash) is None
    victim = data.draw(st.integers(0, len(links) - 1))
    altered = replace(links[victim].facts, actor_label=links[victim].facts.actor_label + "x")
    broken = [*links]
    broken[victim] = replace(links[victim], facts=altered)
    fault = chain_fault(broken, head_seq=len(links), head_hash=head.hash)
    assert fault is not None
    assert fault.seq == victim + 1
    assert (
        chain_fault([*links[:victim], *links[victim + 1 :]], head_seq=len(links), head_hash=head.hash) is not None
    )
