"""Keys for programs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from ipaddress import ip_network
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from knox.crypto import create_token_string, hash_token

from accounts.domain.actor import Actor, ActorKind
from accounts.domain.permissions import Permission
from accounts.models import ApiKey
from core.clock import wall_now
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.tenancy import system_scope

from .audit import audit_record
from .revocation import access_revoked_on_commit

KEY_PREFIX = "sauda_"
_SHOWN_CHARACTERS = len(KEY_PREFIX) + 6
_USE_WRITTEN_EVERY_SECONDS = 60


@transaction.atomic
def api_key_create(
    *,
    actor: Actor,
    name: str,
    scopes: Collection[Permission],
    expires_at: datetime | None = None,
    allowed_networks: Sequence[str] = (),
) -> tuple[ApiKey, str]:
    """A key of the actor's own, and its secret text, which is not kept and cannot be shown again.

    `expires_at` is aware; `allowed_networks` are CIDR texts. Raises InvalidInput for a scope beyond the actor's
    role, an expiry in the past or a network that is none; PermissionDenied when a key tries to make a key.
    """
    actor.require(Permission.MANAGE_API_KEYS)
    if actor.kind is not ActorKind.USER or actor.user_id is None:
        raise PermissionDenied("An API key cannot make another one; log in.", code="api_key_not_allowed")
    _require_valid(actor, name, scopes, expires_at)
    secret = KEY_PREFIX + create_token_string()
    key = ApiKey.objects.create(
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        name=name.strip(),
        prefix=secret[:_SHOWN_CHARACTERS],
        digest=hash_token(secret),
        scopes=sorted(scopes),
        allowed_networks=_networks(allowed_networks),
        expires_at=expires_at,
    )
    audit_record(
        actor=actor,
        action="api_key.created",
        object_type="api_key",
        object_id=key.id,
        data={"name": key.name, "scopes": key.scopes, "networks": key.allowed_networks, "expires_at": expires_at},
    )
    return key, secret


@transaction.atomic
def api_key_revoke(*, actor: Actor, api_key_id: UUID) -> None:
    """Make a key useless at once: one's own, or with MANAGE_MEMBERS anybody's here. Revoking twice is harmless."""
    actor.require(Permission.MANAGE_API_KEYS)
    keys = ApiKey.objects.for_actor(actor).select_for_update()
    if not actor.may(Permission.MANAGE_MEMBERS):
        keys = keys.filter(user_id=actor.user_id)
    key = keys.filter(id=api_key_id).first()
    if key is None:
        raise NotFound("No such API key.")
    if key.revoked_at is not None:
        return
    key.revoked_at = wall_now()
    key.save(update_fields=["revoked_at"])
    access_revoked_on_commit(user_id=key.user_id, organisation_id=actor.organisation_id, api_key_id=key.id)
    audit_record(
        actor=actor,
        action="api_key.revoked",
        object_type="api_key",
        object_id=key.id,
        data={"name": key.name},
    )


def api_key_used(*, api_key_id: UUID) -> None:
    """Note that a key was used; written at most once a minute."""
    if cache.add(f"auth:key-used:{api_key_id}", 1, _USE_WRITTEN_EVERY_SECONDS):
        with system_scope():
            ApiKey.objects.filter(id=api_key_id).update(last_used_at=wall_now())


def _require_valid(actor: Actor, name: str, scopes: Collection[Permission], expires_at: datetime | None) -> None:
    errors: dict[str, list[str]] = {}
    if not name.strip():
        errors["name"] = ["A key needs a name."]
    if not scopes:
        errors["scopes"] = ["Choose at least one scope."]
    beyond = sorted(scope for scope in scopes if not actor.may(scope))
    if beyond:
        errors["scopes"] = [f"Your role does not include {', '.join(beyond)}."]
    if expires_at is not None and expires_at <= wall_now():
        errors["expires_at"] = ["The expiry lies in the past."]
    if errors:
        raise InvalidInput("The key was not made.", errors=errors)


def _networks(texts: Sequence[str]) -> list[str]:
    try:
        return [str(ip_network(text.strip(), strict=False)) for text in texts if text.strip()]
    except ValueError as error:
        raise InvalidInput("The key was not made.", errors={"allowed_networks": [str(error)]}) from error
