"""An organisation's own strategies: who may write them, what is kept, what they are to the rest of the house."""

from collections.abc import Iterator

import pytest

from accounts.domain.permissions import Role
from accounts.models import AuditEntry
from core.errors import Conflict, NotFound, PermissionDenied
from core.tenancy import system_scope
from tests.access.world import Desk, make_desks
from tests.factories import actor_for
from trading.strategies.domain import Kind
from trading.strategies.registry import Origin
from trading.strategies.selectors.catalogue import (
    code_get,
    code_version,
    strategies_of,
    strategy_in,
    strategy_listed,
)
from trading.strategies.services.code import (
    StrategyRefused,
    code_create,
    code_delete,
    code_update,
)

pytestmark = pytest.mark.django_db

SOURCE = """
from trading.strategies.domain import Doc, Kind, Strategy, integer
class Mine(Strategy):
    key = "mine"
    title = "My own"
    kind = Kind.TREND
    doc = Doc("Walks on water.", "Every bar.", "On land.")
    length = integer("Length", 7, minimum=2, maximum=50)
    def on_bar(self, ctx, bar):
        ctx.log("bar")
"""


@pytest.fixture
def desks() -> Iterator[tuple[Desk, Desk]]:
    # Both organisations at once, so that the selectors and services have to tell them apart by themselves.
    with system_scope():
        yield make_desks()


def test_a_saved_strategy_is_listed_found_and_versioned(desks: tuple[Desk, Desk]) -> None:
    desk, _ = desks
    owner = actor_for(desk.members[Role.OWNER])
    code = code_create(actor=owner, source=SOURCE, note="first")
    assert (code.key, code.title, code.kind, code.version) == ("mine", "My own", "trend", 1)
    (listed,) = strategies_of(owner, kind=Kind.TREND, text="walks WATER")
    assert (listed.strategy.key, listed.origin, listed.source) == ("own.mine", Origin.ORGANISATION, "version 1")

    changed = code_update(actor=owner, code_id=code.id, source=SOURCE.replace("7,", "9,"), version=1)
    assert changed.version == 2
    assert strategy_in(desk.organisation.id, "own.mine")().values == {"length": 9}
    assert strategy_in(desk.organisation.id, "own.mine@1")().values == {"length": 7}
    assert code_version(changed, 1).source == SOURCE
    # The same text again is no new version.
    assert code_update(actor=owner, code_id=code.id, source=SOURCE.replace("7,", "9,")).version == 2
    actions = AuditEntry.objects.filter(action__startswith="strategy_code").order_by("seq")
    assert list(actions.values_list("action", flat=True)) == ["strategy_code.created", "strategy_code.updated"]


def test_what_is_not_there_is_not_found(desks: tuple[Desk, Desk]) -> None:
    desk, _ = desks
    owner = actor_for(desk.members[Role.OWNER])
    code_create(actor=owner, source=SOURCE)
    for key in ("own.mine@3", "own.mine@x", "own.mine@0", "own.other", "own.", "mine", "own.mine@999999999999"):
        with pytest.raises(NotFound) as refusal:
            strategy_listed(owner, key)
        assert refusal.value.code == "unknown_strategy"


def test_a_text_that_cannot_be_run_is_refused_with_its_lines_and_nothing_is_stored(
    desks: tuple[Desk, Desk],
) -> None:
    desk, _ = desks
    owner = actor_for(desk.members[Role.OWNER])
    with pytest.raises(StrategyRefused) as refusal:
        code_create(actor=owner, source="import os\nimport socket\n" + SOURCE)
    assert [fault.line for fault in refusal.value.faults] == [1, 2]
    assert refusal.value.errors["source"][0] == "line 1: `os` cannot be imported here."
    assert strategies_of(owner, text="walks on water") == []


def test_conflicts_are_told(desks: tuple[Desk, Desk]) -> None:
    desk, _ = desks
    owner = actor_for(desk.members[Role.OWNER])
    code = code_create(actor=owner, source=SOURCE)
    with pytest.raises(Conflict) as taken:
        code_create(actor=owner, source=SOURCE)
    assert taken.value.code == "strategy_key_taken"
    with pytest.raises(StrategyRefused, match="cannot be run"):
        code_update(actor=owner, code_id=code.id, source=SOURCE.replace('"mine"', '"yours"'))
    code_update(actor=owner, code_id=code.id, source=SOURCE + "# more\n", version=1)
    with pytest.raises(Conflict) as late:
        code_update(actor=owner, code_id=code.id, source=SOURCE + "# other\n", version=1)
    assert late.value.code == "strategy_changed_meanwhile"


def test_another_organisation_neither_sees_nor_changes_nor_runs_it(desks: tuple[Desk, Desk]) -> None:
    ours, theirs = desks
    code = code_create(actor=actor_for(ours.members[Role.OWNER]), source=SOURCE)
    stranger = actor_for(theirs.members[Role.OWNER])
    assert strategies_of(stranger, text="walks on water") == []
    for act in (
        lambda: strategy_listed(stranger, "own.mine"),
        lambda: code_get(stranger, code.id),
        lambda: code_update(actor=stranger, code_id=code.id, source=SOURCE + "#\n"),
        lambda: code_delete(actor=stranger, code_id=code.id),
    ):
        with pytest.raises(NotFound):
            act()
    # Each organisation has its own names.
    assert code_create(actor=stranger, source=SOURCE).key == "mine"


def test_without_the_permission_nobody_writes_or_reads_the_text(desks: tuple[Desk, Desk]) -> None:
    desk, _ = desks
    owner, member = actor_for(desk.members[Role.OWNER]), actor_for(desk.members[Role.VIEWER])
    code = code_create(actor=owner, source=SOURCE)
    for act in (
        lambda: code_create(actor=member, source=SOURCE),
        lambda: code_update(actor=member, code_id=code.id, source=SOURCE),
        lambda: code_delete(actor=member, code_id=code.id),
        lambda: code_get(member, code.id),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert strategy_listed(member, "own.mine").strategy.title == "My own"


def test_deleting_takes_every_version_and_is_written_down(desks: tuple[Desk, Desk]) -> None:
    desk, _ = desks
    owner = actor_for(desk.members[Role.OWNER])
    code = code_create(actor=owner, source=SOURCE)
    code_delete(actor=owner, code_id=code.id)
    with pytest.raises(NotFound):
        strategy_listed(owner, "own.mine@1")
    assert AuditEntry.objects.filter(action="strategy_code.deleted", object_id=str(code.id)).exists()
