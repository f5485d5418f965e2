"""Who is at the other end of a socket, as far as this package needs to know. The accounts app finds it out."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

Scope = Mapping[str, Any]


class SocketActor(Protocol):
    """A caller inside one organisation; topics of an app know it as that app's full actor."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def organisation_id(self) -> UUID: ...
    @property
    def api_key_id(self) -> UUID | None: ...


class Identity(Protocol):
    """An authenticated caller and the proof it came with."""

    @property
    def actor(self) -> Any: ...

    def renewed(self) -> "Identity | None":
        """The same caller as it stands now, None when the proof no longer holds. Reads the database."""


class Authenticator(Protocol):
    """Named by `settings.SOCKET_AUTHENTICATOR`."""

    def __call__(self, scope: Scope) -> Identity:
        """Who opens this socket. Reads the database; raises `NotAuthenticated` or `PermissionDenied`."""
