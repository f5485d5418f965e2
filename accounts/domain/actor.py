"""The one who acts: what services, selectors and sockets know about the caller."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.errors import PermissionDenied

from .permissions import ALL_PERMISSIONS, Permission, Role, permissions_of


class ActorKind(StrEnum):
    """How the caller came in."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller inside one organisation; everything they may touch follows from this value.

    `user_id` is None only for the system itself. `label` is what the audit trail shows.
    """

    user_id: UUID | None
    organisation_id: UUID
    role: Role | None
    permissions: frozenset[Permission]
    kind: ActorKind
    label: str
    api_key_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds the permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless this actor holds the permission."""
        if permission not in self.permissions:
            raise PermissionDenied(f"This needs the permission “{permission.label}”.")


def user_actor(*, user_id: UUID, organisation_id: UUID, role: Role, label: str) -> Actor:
    """A person acting through the browser or with a token of theirs."""
    return Actor(user_id, organisation_id, role, permissions_of(role), ActorKind.USER, label)


def api_key_actor(
    *,
    user_id: UUID,
    organisation_id: UUID,
    role: Role,
    scopes: frozenset[Permission],
    label: str,
    api_key_id: UUID,
) -> Actor:
    """A program acting with a key: never more than its owner's role, never more than the key's scopes."""
    permissions = permissions_of(role) & scopes
    return Actor(user_id, organisation_id, role, permissions, ActorKind.API_KEY, label, api_key_id)


def system_actor(organisation_id: UUID, label: str) -> Actor:
    """The house itself, as in a sweep or a matcher; `label` names the part that acts."""
    return Actor(None, organisation_id, None, ALL_PERMISSIONS, ActorKind.SYSTEM, label)
