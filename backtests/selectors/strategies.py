"""Which strategy a key means to an organisation."""

from dataclasses import dataclass
from uuid import UUID

from accounts.domain.actor import Actor
from backtests.models import RunStrategy
from core.errors import InvalidInput, NotFound
from trading.strategies.domain import Strategy
from trading.strategies.models import StrategyVersion
from trading.strategies.registry import digest
from trading.strategies.selectors.catalogue import OWN, strategies_of, strategy_in
from trading.strategies.selectors.runs.strategy import pinned


@dataclass(frozen=True, slots=True)
class Text:
    """What a run ran. `version` is of the organisation's own code (`code_id`), else None; `newest` is the one
    in use now. `has_changed` says that the key means another text by now, `is_gone` that it means none."""

    row: RunStrategy
    version: int | None
    code_id: UUID | None
    newest: int | None
    has_changed: bool
    is_gone: bool


def strategy_pinned(organisation_id: UUID, key: str) -> type[Strategy]:
    """The class as it is now and stays: of the organisation's own code the version in use, unless the key names
    another. Raises InvalidInput, `unknown_strategy`."""
    try:
        return strategy_class(organisation_id, pinned(organisation_id, key))
    except NotFound as error:
        raise _unknown(key, error) from error


def strategy_ran(row: RunStrategy) -> type[Strategy]:
    """The class that a run began with. Raises InvalidInput: `unknown_strategy`, and `strategy_changed` where its
    key means another text than the one that was asked for."""
    found = strategy_class(row.organisation_id, row.key)
    if row.digest and digest(found) != row.digest:
        raise InvalidInput(
            f"{row.title} is not the text any more that this run began with: ask for the run anew.",
            code="strategy_changed",
            errors={"strategy": ["Its text has changed."]},
        )
    return found


def text_of(row: RunStrategy) -> Text:
    """Which text a run ran, and whether its key still means it."""
    version = version_of(row.key)
    if version is not None:
        name = row.key.removeprefix(OWN).partition("@")[0]
        saved = StrategyVersion.objects.filter(
            code__organisation_id=row.organisation_id, code__key=name, number=version, digest=row.digest
        )
        found = saved.values_list("code_id", "code__version").first()
        # A key of code that was deleted may be given anew: another text under the same number is not ours.
        code_id, newest = found or (None, None)
        return Text(row, version, code_id, newest, has_changed=False, is_gone=found is None)
    try:
        has_changed = bool(row.digest) and digest(strategy_in(row.organisation_id, row.key)) != row.digest
    except NotFound:
        return Text(row, None, None, None, has_changed=False, is_gone=True)
    return Text(row, None, None, None, has_changed=has_changed, is_gone=False)


def version_of(key: str) -> int | None:
    """The version that a key names."""
    number = key.partition("@")[2] if key.startswith(OWN) else ""
    return int(number) if number else None


def strategy_class(organisation_id: UUID, key: str) -> type[Strategy]:
    """Raises InvalidInput, `unknown_strategy`: the key is part of what somebody asks for."""
    try:
        return strategy_in(organisation_id, key)
    except NotFound as error:
        raise _unknown(key, error) from error


def _unknown(key: str, error: NotFound) -> InvalidInput:
    return InvalidInput(f"There is no strategy {key[:80]}.", code=error.code, errors={"strategy": [error.detail]})


def strategies_by_kind(actor: Actor) -> list[tuple[str, list[type[Strategy]]]]:
    """What the actor's organisation can run, by family, as a form lists it."""
    found: dict[str, list[type[Strategy]]] = {}
    for each in strategies_of(actor):
        found.setdefault(each.strategy.kind.value, []).append(each.strategy)
    return list(found.items())
