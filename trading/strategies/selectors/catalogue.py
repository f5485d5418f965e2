"""What an organisation can run: the strategies of the installation, and those that its members wrote."""

from uuid import UUID

from django.db.models import F

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import NotFound
from trading.strategies.domain.strategy import Kind, Strategy
from trading.strategies.models import StrategyCode, StrategyVersion
from trading.strategies.registry import Listed, Origin, listed, registry, sandbox_limits
from trading.strategies.sandbox import Description, own_strategy

OWN = "own."
"""What the key of an organisation's own strategy begins with; `own.<key>@<version>` names one version of it."""
_KINDS = list(Kind)


def strategies_of(actor: Actor, *, kind: Kind | None = None, text: str = "") -> list[Listed]:
    """What the actor's organisation can run, by kind and title, narrowed to a kind and to words that all occur in
    key, title or idea."""
    actor.require(Permission.VIEW_STRATEGIES)
    found = [*registry().listed, *map(_listed, _in_use(actor.organisation_id))]
    words = text.lower().split()
    wanted = [each for each in found if (kind is None or each.strategy.kind is kind) and _says(each, words)]
    return sorted(wanted, key=lambda each: (_KINDS.index(each.strategy.kind), each.strategy.title.lower()))


def strategy_listed(actor: Actor, key: str) -> Listed:
    """One of them. Raises NotFound, `unknown_strategy`."""
    actor.require(Permission.VIEW_STRATEGIES)
    return listed_in(actor.organisation_id, key)


def strategy_in(organisation_id: UUID, key: str) -> type[Strategy]:
    """The class that a key means to an organisation. Raises NotFound, `unknown_strategy`."""
    return listed_in(organisation_id, key).strategy


def listed_in(organisation_id: UUID, key: str) -> Listed:
    """The same with its origin. Raises NotFound, `unknown_strategy`."""
    if not key.startswith(OWN):
        return listed(key)
    name, _, number = key.removeprefix(OWN).partition("@")
    versions = StrategyVersion.objects.filter(code__organisation_id=organisation_id, code__key=name)
    if number:
        versions = versions.filter(number=int(number) if number.isdecimal() and len(number) < 9 else 0)
    found = versions.select_related("code").order_by("-number").first()
    if found is None:
        raise NotFound("There is no such strategy.", code="unknown_strategy")
    return _listed(found, key)


def code_get(actor: Actor, code_id: UUID) -> StrategyCode:
    """One of the organisation's own, for those who may write them. Raises NotFound."""
    actor.require(Permission.MANAGE_STRATEGY_CODE)
    found: StrategyCode | None = (
        StrategyCode.objects.for_actor(actor).select_related("created_by", "updated_by").filter(id=code_id).first()
    )
    if found is None:
        raise NotFound("There is no such strategy.")
    return found


def codes(actor: Actor) -> list[StrategyCode]:
    """All of the organisation's own, by title."""
    actor.require(Permission.MANAGE_STRATEGY_CODE)
    return list(StrategyCode.objects.for_actor(actor).select_related("created_by", "updated_by"))


def code_versions(code: StrategyCode) -> list[StrategyVersion]:
    """Every saved text of one, the latest first, without the texts."""
    return list(code.versions.defer("source", "description").select_related("saved_by"))


def code_version(code: StrategyCode, number: int | None = None) -> StrategyVersion:
    """One saved text, the one in use by default. Raises NotFound."""
    found: StrategyVersion | None = (
        code.versions.filter(number=number or code.version).select_related("saved_by").first()
    )
    if found is None:
        raise NotFound("There is no such version.")
    return found


def _in_use(organisation_id: UUID) -> list[StrategyVersion]:
    versions = StrategyVersion.objects.filter(organisation_id=organisation_id, number=F("code__version"))
    return list(versions.select_related("code"))


def _listed(version: StrategyVersion, key: str = "") -> Listed:
    strategy = own_strategy(
        key or f"{OWN}{version.code.key}",
        version.source,
        Description.from_json(version.description),
        sandbox_limits(),
    )
    return Listed(strategy, Origin.ORGANISATION, f"version {version.number}")


def _says(found: Listed, words: list[str]) -> bool:
    text = f"{found.strategy.key} {found.strategy.title} {found.strategy.doc.idea}".lower()
    return all(word in text for word in words)
