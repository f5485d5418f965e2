"""Writing an organisation's own strategies: checked before they are stored, every text kept."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core.clock import wall_now
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from trading.strategies.domain.runs.states import DRIVEN
from trading.strategies.models import StrategyCode, StrategyRun, StrategyVersion
from trading.strategies.registry import sandbox_limits
from trading.strategies.sandbox import CodeFault, CodeRefused, Description, describe
from trading.strategies.selectors.catalogue import OWN, code_get

MOST_CODES = 100
MOST_VERSIONS = 500


class StrategyRefused(InvalidInput):
    """A text that is no strategy which can be run; `faults` say what and on which line."""

    def __init__(self, faults: Sequence[CodeFault]) -> None:
        lines = [str(fault) for fault in faults]
        super().__init__("The strategy cannot be run.", code="strategy_refused", errors={"source": lines})
        self.faults = tuple(faults)


def code_check(*, actor: Actor, source: str) -> Description:
    """What a text would be as a strategy; nothing is stored. Raises StrategyRefused."""
    actor.require(Permission.MANAGE_STRATEGY_CODE)
    try:
        return describe(source, sandbox_limits())
    except CodeRefused as refusal:
        raise StrategyRefused(refusal.faults) from refusal


def code_create(*, actor: Actor, source: str, note: str = "") -> StrategyCode:
    """A new strategy of the organisation, under the key that its class names.

    Raises StrategyRefused, and Conflict: `strategy_key_taken`, `too_many_strategies`.
    """
    writer = _writer(actor)
    found = code_check(actor=actor, source=source)
    now = wall_now()
    with transaction.atomic():
        if StrategyCode.objects.for_actor(actor).count() >= MOST_CODES:
            raise Conflict(f"There are {MOST_CODES} own strategies already.", code="too_many_strategies")
        code = StrategyCode(
            organisation_id=actor.organisation_id,
            key=found.key,
            title=found.title,
            kind=found.kind,
            created_by_id=writer,
            created_at=now,
            updated_by_id=writer,
            updated_at=now,
        )
        try:
            with transaction.atomic():
                code.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(
                f"There is a strategy “{found.key}” of your own already.", code="strategy_key_taken"
            ) from error
        _version_add(code, source, found, note)
        _audit(actor, "strategy_code.created", code, source)
    return code


def code_update(
    *, actor: Actor, code_id: UUID, source: str, note: str = "", version: int | None = None
) -> StrategyCode:
    """Save another text as the next version, which is in use from now on; runs that are going keep theirs.

    `version` is the one that the writer has read. The same text again changes nothing. Raises StrategyRefused,
    NotFound, and Conflict: `strategy_changed_meanwhile`, `too_many_versions`.
    """
    writer = _writer(actor)
    # Before the text: whether it is theirs is not told by what is wrong with it.
    code_get(actor, code_id)
    found = code_check(actor=actor, source=source)
    with transaction.atomic():
        code = _locked(actor, code_id)
        if found.key != code.key:
            raise StrategyRefused([CodeFault(None, f"The key must stay “{code.key}”; make a new strategy.")])
        if version is not None and version != code.version:
            raise Conflict("Somebody has saved a newer version meanwhile.", code="strategy_changed_meanwhile")
        if code.versions.filter(number=code.version, digest=_digest(source)).exists():
            return code
        if code.version >= MOST_VERSIONS:
            raise Conflict(f"There are {MOST_VERSIONS} versions already.", code="too_many_versions")
        code.version += 1
        code.title, code.kind = found.title, found.kind
        code.updated_by_id, code.updated_at = writer, wall_now()
        code.save(update_fields=["version", "title", "kind", "updated_by_id", "updated_at"])
        _version_add(code, source, found, note)
        _audit(actor, "strategy_code.updated", code, source)
    return code


@transaction.atomic
def code_delete(*, actor: Actor, code_id: UUID) -> None:
    """Delete a strategy with all its versions; results of backtests stay. Raises NotFound, and Conflict
    (`strategy_in_use`) while a run of it is going."""
    actor.require(Permission.MANAGE_STRATEGY_CODE)
    code = _locked(actor, code_id)
    key = f"{OWN}{code.key}"
    runs = StrategyRun.objects.filter(organisation_id=actor.organisation_id, state__in=DRIVEN)
    if any(name.partition("@")[0] == key for name in runs.values_list("strategy", flat=True)):
        raise Conflict("A run of this strategy is going; stop it first.", code="strategy_in_use")
    data = {"key": code.key, "version": code.version}
    code.delete()
    audit_record(
        actor=actor, action="strategy_code.deleted", object_type="strategy_code", object_id=code_id, data=data
    )


def _writer(actor: Actor) -> UUID:
    actor.require(Permission.MANAGE_STRATEGY_CODE)
    if actor.user_id is None:
        raise PermissionDenied("Only a person writes strategies.")
    return actor.user_id


def _locked(actor: Actor, code_id: UUID) -> StrategyCode:
    code: StrategyCode | None = StrategyCode.objects.for_actor(actor).select_for_update().filter(id=code_id).first()
    if code is None:
        raise NotFound("There is no such strategy.")
    return code


def _version_add(code: StrategyCode, source: str, found: Description, note: str) -> None:
    StrategyVersion.objects.create(
        organisation_id=code.organisation_id,
        code=code,
        number=code.version,
        source=source,
        digest=_digest(source),
        description=found.to_json(),
        note=note.strip()[:200],
        saved_by_id=code.updated_by_id,
        saved_at=code.updated_at,
    )


def _audit(actor: Actor, action: str, code: StrategyCode, source: str) -> None:
    data = {"key": code.key, "version": code.version, "sha256": _digest(source)}
    audit_record(actor=actor, action=action, object_type="strategy_code", object_id=code.id, data=data)


def _digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()
