"""Who is calling, before it is settled in which organisation they act."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from uuid import UUID

from core.errors import PermissionDenied

from .actor import Actor, api_key_actor, user_actor
from .permissions import Permission, Role


@dataclass(frozen=True, slots=True)
class MembershipFacts:
    """One organisation the caller belongs to, and as what."""

    organisation_id: UUID
    slug: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class ApiKeyFacts:
    """What a presented API key allows. `networks` is empty when it may be used from anywhere."""

    id: UUID
    user_id: UUID
    organisation_id: UUID
    label: str
    scopes: frozenset[Permission]
    networks: tuple[str, ...]
    expires_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        """Whether its life is over at `now` (aware)."""
        return self.expires_at is not None and self.expires_at <= now

    def admits(self, address: str) -> bool:
        """Whether a client at this IP address may use the key."""
        if not self.networks:
            return True
        try:
            client = ip_address(address)
        except ValueError:
            return False
        return any(client in ip_network(network) for network in self.networks)


class Scheme(StrEnum):
    """How an API request proved who it is from."""

    BEARER = "bearer"
    API_KEY = "api-key"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Credential:
    """What authenticated a request (`request.auth`); `pk` is the key's id where a key did."""

    scheme: Scheme
    pk: UUID | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user with every membership; serves as `request.user` where no row of theirs is needed."""

    user_id: UUID
    email: str
    name: str
    active_organisation_id: UUID | None
    memberships: tuple[MembershipFacts, ...]
    api_key: ApiKeyFacts | None = None

    # What Django, DRF and the loggers ask of a user.
    is_authenticated = True
    is_anonymous = False
    is_active = True

    @property
    def pk(self) -> UUID:
        """The user's id, under the name that Django asks for."""
        return self.user_id

    @property
    def id(self) -> UUID:
        """The user's id."""
        return self.user_id

    @property
    def reachable(self) -> tuple[MembershipFacts, ...]:
        """The memberships this caller may act under: with an API key only the key's own."""
        if self.api_key is None:
            return self.memberships
        return tuple(m for m in self.memberships if m.organisation_id == self.api_key.organisation_id)

    def membership(self, slug: str | None = None) -> MembershipFacts:
        """The membership to act under: the named one, the active one, or the first.

        Raises PermissionDenied when there is none, in the same words for a stranger's organisation and for one
        that does not exist.
        """
        candidates = self.reachable
        if slug:
            candidates = tuple(m for m in candidates if m.slug == slug)
        for membership in candidates:
            if membership.organisation_id == self.active_organisation_id:
                return membership
        if not candidates:
            raise PermissionDenied("You are not a member of this organisation.", code="not_a_member")
        return candidates[0]

    def actor(self, slug: str | None = None) -> Actor:
        """The caller inside one organisation (see `membership` for which)."""
        return self.actor_in(self.membership(slug))

    def actor_in(self, membership: MembershipFacts) -> Actor:
        """The caller acting under one of their memberships."""
        if self.api_key is not None:
            return api_key_actor(
                user_id=self.user_id,
                organisation_id=membership.organisation_id,
                role=membership.role,
                scopes=self.api_key.scopes,
                label=f"{self.email} ({self.api_key.label})",
                api_key_id=self.api_key.id,
            )
        return user_actor(
            user_id=self.user_id,
            organisation_id=membership.organisation_id,
            role=membership.role,
            label=self.email,
        )
