"""Which class a run runs."""

from uuid import UUID

from core.errors import NotFound
from trading.strategies.domain.strategy import Strategy
from trading.strategies.models import StrategyCode, StrategyRun
from trading.strategies.selectors.catalogue import OWN, strategy_in


def strategy_of(run: StrategyRun) -> type[Strategy]:
    """The strategy of a run. Raises NotFound, `unknown_strategy`, for one that is not there any more."""
    return strategy_in(run.organisation_id, run.strategy)


def strategy_title(run: StrategyRun) -> str:
    """What people call it; the key itself of one that is not there any more."""
    try:
        return strategy_of(run).title
    except NotFound:
        return run.strategy


def strategy_close(strategy: Strategy | None) -> None:
    """End the process that own code runs in; a strategy of the installation has none."""
    closing = getattr(strategy, "close", None)
    if closing is not None:
        closing()


def pinned(organisation_id: UUID, key: str) -> str:
    """The key with the version of an own strategy that is in use now: a run keeps the text that it began with."""
    if not key.startswith(OWN) or "@" in key:
        return key
    code = StrategyCode.objects.filter(organisation_id=organisation_id, key=key.removeprefix(OWN)).first()
    if code is None:
        raise NotFound("There is no such strategy.", code="unknown_strategy")
    return f"{key}@{code.version}"
