"""What a limit, a trading state or a kill switch is about."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .states import Level


@dataclass(frozen=True, slots=True)
class Scope:
    """An organisation; one account, user or strategy of it; or a strategy in one account."""

    organisation_id: UUID
    account_id: UUID | None = None
    user_id: UUID | None = None
    strategy: str = ""

    @property
    def level(self) -> Level:
        """The level of the scope."""
        if self.strategy:
            return Level.STRATEGY
        if self.user_id is not None:
            return Level.USER
        return Level.ORGANISATION if self.account_id is None else Level.ACCOUNT

    @property
    def columns(self) -> dict[str, Any]:
        """The scope as rows of one keep it."""
        return {
            "organisation_id": self.organisation_id,
            "account_id": self.account_id,
            "user_id": self.user_id,
            "strategy": self.strategy,
        }

    @property
    def is_single(self) -> bool:
        """Whether the scope names one level: a user's limits hold in every account and strategy."""
        return self.user_id is None or (self.account_id is None and not self.strategy)
