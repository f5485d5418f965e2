"""Which strategy a key means to an organisation."""

from uuid import UUID

from core.errors import InvalidInput, NotFound
from trading.strategies.domain import Strategy
from trading.strategies.selectors.catalogue import strategy_in


def strategy_class(organisation_id: UUID, key: str) -> type[Strategy]:
    """Raises InvalidInput, `unknown_strategy`: the key is part of what somebody asks for."""
    try:
        return strategy_in(organisation_id, key)
    except NotFound as error:
        raise InvalidInput(
            f"There is no strategy {key[:80]}.", code=error.code, errors={"strategy": [error.detail]}
        ) from error
