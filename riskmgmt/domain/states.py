"""Trading states: who may open positions, who may only close them, who may not trade at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """ACTIVE trades, REDUCING only takes positions down, HALTED sends nothing."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


class Source(StrEnum):
    """What put a scope into its state."""

    MANUAL = "MANUAL"
    BREAKER = "BREAKER"
    KILL_SWITCH = "KILL_SWITCH"


class Level(StrEnum):
    """Where a state or a limit was set."""

    ORGANISATION = "ORGANISATION"
    ACCOUNT = "ACCOUNT"
    USER = "USER"
    STRATEGY = "STRATEGY"


_STRICTNESS = {State.ACTIVE: 0, State.REDUCING: 1, State.HALTED: 2}
_WEIGHT = {Source.MANUAL: 0, Source.BREAKER: 1, Source.KILL_SWITCH: 2}


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a scope, with who set it, why and until when (None: until somebody changes it).

    `lets_house_exit`: orders of the house itself that take a position down pass all the same. `most_paise`: while
    only exits pass, orders up to this value pass too (a breaker that is half open).
    """

    state: State
    source: Source
    level: Level
    reason: str
    by: str
    since: datetime | None
    expires_at: datetime | None = None
    lets_house_exit: bool = False
    most_paise: int | None = None

    def admits_value(self, paise: int | None) -> bool:
        """Whether an order of this value passes although only exits do."""
        if self.state is not State.REDUCING or self.most_paise is None or paise is None:
            return False
        return paise <= self.most_paise

    def holds_at(self, at: datetime) -> bool:
        """Whether the state has not expired."""
        return self.expires_at is None or at < self.expires_at


FREE = Standing(State.ACTIVE, Source.MANUAL, Level.ORGANISATION, "", "", None)


def strictest(standings: Iterable[Standing], *, at: datetime) -> Standing:
    """The one that decides: the strictest that has not expired; a kill switch before a breaker before a person.

    Of two that halt alike, the one that lets nobody exit is the stricter. Only of kill switches it is not: what one
    of them flattens goes on being closed when another is pressed.
    """
    holding = [standing for standing in standings if standing.holds_at(at)]
    first = max(holding, key=_rank, default=FREE)
    flattens = any(each.source is Source.KILL_SWITCH and each.lets_house_exit for each in holding)
    return replace(first, lets_house_exit=True) if flattens and first.source is Source.KILL_SWITCH else first


def _rank(standing: Standing) -> tuple[int, bool, int]:
    lenient = standing.lets_house_exit or standing.most_paise is not None
    return _STRICTNESS[standing.state], not lenient, _WEIGHT[standing.source]
