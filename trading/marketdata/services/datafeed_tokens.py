"""Tokens for charting clients: made, revoked, and turned into who acts."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from knox.crypto import create_token_string, hash_token

from accounts.domain.actor import Actor, ActorKind
from accounts.domain.permissions import Permission, permissions_of
from accounts.identity import caller_of_user
from accounts.services import access_revoked_on_commit, audit_record, user_stamp
from core.clock import wall_now
from core.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, PermissionDenied
from core.tenancy import system_scope

from ..models import DatafeedToken

TOKEN_PREFIX = "udf_"
MOST_TOKENS = 10
"""In force at a time, for one member."""
_SHOWN_CHARACTERS = len(TOKEN_PREFIX) + 6
_USE_WRITTEN_EVERY_SECONDS = 60
# A token travels in addresses, which get into logs and histories: it shows, it never changes anything, and of
# accounts only the member's own.
_RIGHTS = frozenset({Permission.VIEW_MARKET, Permission.VIEW_ACCOUNTS})


@dataclass(frozen=True, slots=True)
class _TokenFacts:
    """What a presented token opens."""

    id: UUID
    user_id: UUID
    organisation_id: UUID
    label: str


@transaction.atomic
def datafeed_token_create(*, actor: Actor, name: str) -> tuple[DatafeedToken, str]:
    """A token of the actor's own, and its text, which is not kept and cannot be shown again.

    Raises InvalidInput for a name of no or too many letters, Conflict (``too_many_tokens``), PermissionDenied when
    a key tries to make one.
    """
    actor.require(Permission.VIEW_MARKET)
    if actor.kind is not ActorKind.USER or actor.user_id is None:
        raise PermissionDenied("An API key cannot make a token; log in.", code="api_key_not_allowed")
    tidy = " ".join(name.split())
    if not 1 <= len(tidy) <= 80:
        raise InvalidInput("The token was not made.", errors={"name": ["A name has 1 to 80 characters."]})
    own = DatafeedToken.objects.for_actor(actor).filter(user_id=actor.user_id, revoked_at=None)
    if own.count() >= MOST_TOKENS:
        raise Conflict(f"Nobody has more than {MOST_TOKENS} tokens; revoke one.", code="too_many_tokens")
    text = TOKEN_PREFIX + create_token_string()
    token = DatafeedToken.objects.create(
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        name=tidy,
        prefix=text[:_SHOWN_CHARACTERS],
        digest=hash_token(text),
    )
    audit_record(
        actor=actor,
        action="datafeed_token.created",
        object_type="datafeed_token",
        object_id=token.id,
        data={"name": token.name},
    )
    return token, text


@transaction.atomic
def datafeed_token_revoke(*, actor: Actor, token_id: UUID) -> None:
    """Close a token's address from the next request on: one's own, or with MANAGE_MEMBERS anybody's here.

    Revoking twice is harmless; NotFound for a token that the actor does not see.
    """
    actor.require(Permission.VIEW_MARKET)
    tokens = DatafeedToken.objects.for_actor(actor).select_for_update()
    if not actor.may(Permission.MANAGE_MEMBERS):
        tokens = tokens.filter(user_id=actor.user_id)
    token = tokens.filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such token.")
    if token.revoked_at is not None:
        return
    token.revoked_at = wall_now()
    token.save(update_fields=["revoked_at"])
    access_revoked_on_commit(user_id=token.user_id, organisation_id=actor.organisation_id)
    audit_record(
        actor=actor,
        action="datafeed_token.revoked",
        object_type="datafeed_token",
        object_id=token.id,
        data={"name": token.name},
    )


def datafeed_actor(text: str) -> Actor:
    """Who acts through a token: its member as they are now, never more than looking.

    Raises NotAuthenticated, whatever the reason; PermissionDenied when the role no longer sees the market.
    """
    facts = _remembered(hash_token(text)) if text.startswith(TOKEN_PREFIX) else None
    if facts is None:
        raise NotAuthenticated("The token is not valid.", code="datafeed_token_invalid")
    caller = caller_of_user(facts.user_id)
    membership = next((one for one in caller.memberships if one.organisation_id == facts.organisation_id), None)
    if membership is None:
        raise NotAuthenticated("The token is not valid.", code="datafeed_token_invalid")
    _note_use(facts.id)
    actor = Actor(
        user_id=facts.user_id,
        organisation_id=facts.organisation_id,
        role=membership.role,
        permissions=permissions_of(membership.role) & _RIGHTS,
        kind=ActorKind.API_KEY,
        label=f"{caller.email} ({facts.label})",
        api_key_id=facts.id,
    )
    actor.require(Permission.VIEW_MARKET)
    return actor


def _remembered(digest: str) -> _TokenFacts | None:
    """The token's facts, from the cache while the user's stamp vouches for them (see `accounts.identity`)."""
    known: tuple[str, _TokenFacts] | None = cache.get(f"auth:datafeed:{digest}")
    if known is not None and known[0] == user_stamp(known[1].user_id):
        return known[1]
    facts = _read(digest)
    if facts is None:
        return None
    stamp = user_stamp(facts.user_id)
    # Read again under the stamp: the token may have been revoked between the two reads.
    facts = _read(digest)
    if facts is not None:
        cache.set(f"auth:datafeed:{digest}", (stamp, facts), settings.AUTH_CACHE_SECONDS)
    return facts


def _read(digest: str) -> _TokenFacts | None:
    with system_scope():
        row = (
            DatafeedToken.objects.filter(digest=digest, revoked_at=None)
            .values_list("id", "user_id", "organisation_id", "name")
            .first()
        )
    return _TokenFacts(*row) if row else None


def _note_use(token_id: UUID) -> None:
    if cache.add(f"auth:datafeed-used:{token_id}", 1, _USE_WRITTEN_EVERY_SECONDS):
        with system_scope():
            DatafeedToken.objects.filter(pk=token_id).update(last_used_at=wall_now())
