"""Which class a run runs."""

from core.errors import NotFound
from trading.strategies import registry
from trading.strategies.domain.strategy import Strategy


def strategy_of(key: str) -> type[Strategy]:
    """The strategy of that key. Raises NotFound, `unknown_strategy`."""
    return registry.get(key)


def strategy_title(key: str) -> str:
    """What people call it; the key itself of one that is not there any more."""
    try:
        return strategy_of(key).title
    except NotFound:
        return key
