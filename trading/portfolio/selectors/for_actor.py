"""Queries over an actor's accounts, compiled once for who sees all accounts and once for who sees their own."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor, ActorKind
from accounts.domain.permissions import Permission
from core.db.prepared import Prepared, Question, ask

Row = TypeVar("Row")


class PreparedForActor(Generic[Row]):
    """A `Prepared` query of rows that hang off trading accounts.

    `build(actor, **values)` starts from `.for_actor(actor)`, so that who sees what stays that method's to say; it
    is called once for each answer that method can give.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], **kinds: type) -> None:
        def for_all(organisation_id: UUID, **values: Any) -> QuerySet[Any, Row]:
            return build(_seer(organisation_id, None, Permission.VIEW_ALL_ACCOUNTS), **values)

        def for_own(organisation_id: UUID, owner_id: UUID, **values: Any) -> QuerySet[Any, Row]:
            return build(_seer(organisation_id, owner_id), **values)

        self._of_all: Prepared[Row] = Prepared(for_all, organisation_id=UUID, **kinds)
        self._of_own: Prepared[Row] = Prepared(for_own, organisation_id=UUID, owner_id=UUID, **kinds)

    def __call__(self, actor: Actor, **values: Any) -> list[Row]:
        """Ask now."""
        return ask(self.question(actor, **values))[0]

    def question(self, actor: Actor, **values: Any) -> Question[Row]:
        """To be asked together with others. No organisation is a mistake of the caller, never 'all rows'."""
        if not actor.organisation_id:
            raise TypeError("an actor with an organisation is needed")
        if actor.may(Permission.VIEW_ALL_ACCOUNTS):
            return self._of_all.question(organisation_id=actor.organisation_id, **values)
        return self._of_own.question(organisation_id=actor.organisation_id, owner_id=actor.user_id, **values)


def _seer(organisation_id: UUID, user_id: UUID | None, *permissions: Permission) -> Actor:
    """Somebody of whom only that is known which decides what is seen."""
    return Actor(user_id, organisation_id, None, frozenset(permissions), ActorKind.USER, "")
