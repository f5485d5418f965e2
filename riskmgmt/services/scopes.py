"""From what a caller names to a scope that the caller may touch."""

from uuid import UUID

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.models import Membership
from core.errors import InvalidInput, NotFound
from riskmgmt.domain.scopes import Scope
from riskmgmt.models.scope import STRATEGY_LENGTH
from trading.portfolio.selectors import account_get
from trading.portfolio.services import account_lock


def scope_for(
    actor: Actor, *, account_id: UUID | None = None, user_id: UUID | None = None, strategy: str = ""
) -> Scope:
    """The scope named. Raises NotFound for an account or user that the actor may not see, InvalidInput
    (`invalid_scope`) for a user together with an account or strategy, or a name that is none."""
    scope = Scope(actor.organisation_id, account_id, user_id, strategy.strip())
    if not scope.is_single:
        raise InvalidInput("A user's limits hold in every account and strategy.", code="invalid_scope")
    if len(scope.strategy) > STRATEGY_LENGTH or not scope.strategy.isprintable():
        raise InvalidInput(
            "That is no name of a strategy.",
            code="invalid_scope",
            errors={"strategy": [f"must have at most {STRATEGY_LENGTH} printable characters"]},
        )
    if account_id is not None:
        account_get(actor, account_id)
    if user_id is not None:
        _require_member(actor, user_id)
    return scope


def scope_lock(scope: Scope) -> None:
    """Lock the scope's account, if it has one, before anything is written that names it.

    Orders take this lock first and the heads of streams and of the audit trail last; whoever writes a row with the
    account's key takes a share of the same lock, and has to come in the same order. Must run inside a transaction.
    """
    if scope.account_id is not None:
        account_lock(scope.account_id)


def _require_member(actor: Actor, user_id: UUID) -> None:
    visible = actor.may(Permission.VIEW_ALL_ACCOUNTS) or user_id == actor.user_id
    if not visible or not Membership.objects.for_actor(actor).filter(user_id=user_id).exists():
        raise NotFound("There is no such member.", code="unknown_user")
