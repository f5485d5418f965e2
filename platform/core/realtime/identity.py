"""Who is at the other end of a socket, as far as this package needs to know. The accounts app finds it out."""

from collections.abc import Mapping
from typing import Any, Protocol

Scope = Mapping[str, Any]


class Identity(Protocol):
    """An authenticated caller and the proof it came with."""

    @property
    def actor(self) -> Any:
        """Who acts, in which organisation; topics of an app know it as `accounts.domain.actor.Actor`."""

    def renewed(self) -> "Identity | None":
        """The same caller as it stands now, None when the proof no longer holds. Reads the database."""


class Authenticator(Protocol):
    """Named by `settings.SOCKET_AUTHENTICATOR`."""

    def __call__(self, scope: Scope) -> Identity:
        """Who opens this socket. Reads the database; raises `NotAuthenticated` or `PermissionDenied`."""
