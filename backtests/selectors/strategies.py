"""Which strategy a key means to an organisation."""

from uuid import UUID

from accounts.domain.actor import Actor
from core.errors import InvalidInput, NotFound
from trading.strategies.domain import Strategy
from trading.strategies.selectors.catalogue import strategies_of, strategy_in


def strategy_class(organisation_id: UUID, key: str) -> type[Strategy]:
    """Raises InvalidInput, `unknown_strategy`: the key is part of what somebody asks for."""
    try:
        return strategy_in(organisation_id, key)
    except NotFound as error:
        raise InvalidInput(
            f"There is no strategy {key[:80]}.", code=error.code, errors={"strategy": [error.detail]}
        ) from error


def strategies_by_kind(actor: Actor) -> list[tuple[str, list[type[Strategy]]]]:
    """What the actor's organisation can run, by family, as a form lists it."""
    found: dict[str, list[type[Strategy]]] = {}
    for each in strategies_of(actor):
        found.setdefault(each.strategy.kind.value, []).append(each.strategy)
    return list(found.items())
