"""What the rows say about a caller. Both reads look across tenants: call them under `system_scope()`."""

from uuid import UUID

from accounts.domain.caller import ApiKeyFacts, Caller, MembershipFacts
from accounts.domain.permissions import ALL_PERMISSIONS, Permission, Role
from accounts.models import ApiKey, Membership, User


def caller_facts(user_id: UUID) -> Caller | None:
    """An active user with all their memberships, oldest first; None when gone or disabled."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    memberships = Membership.objects.filter(user_id=user_id).select_related("organisation").order_by("created_at")
    return Caller(
        user_id=user.pk,
        email=user.email,
        name=user.name,
        active_organisation_id=user.active_organisation_id,
        memberships=tuple(
            MembershipFacts(m.organisation_id, m.organisation.slug, m.organisation.name, Role(m.role))
            for m in memberships
        ),
    )


def user_of(caller: Caller) -> User:
    """The row of the caller themselves."""
    return User.objects.get(pk=caller.user_id)


def api_key_facts(digest: str) -> ApiKeyFacts | None:
    """What the key with this digest allows; None when unknown or revoked."""
    key = ApiKey.objects.filter(digest=digest, revoked_at=None).first()
    if key is None:
        return None
    return ApiKeyFacts(
        id=key.id,
        user_id=key.user_id,
        organisation_id=key.organisation_id,
        label=f"key {key.name}",
        scopes=frozenset(Permission(scope) for scope in key.scopes if scope in ALL_PERMISSIONS),
        networks=tuple(key.allowed_networks),
        expires_at=key.expires_at,
    )
