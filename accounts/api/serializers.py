"""The shapes that this app's API takes and gives."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.domain.actor import Actor
from accounts.domain.caller import Caller
from accounts.domain.permissions import Permission, Role
from accounts.services import ws_ticket


class _EnumField(serializers.ChoiceField):
    """An enum of the domain: upper case outside, a member inside."""

    def __init__(self, members: Iterable[Any], **kwargs: Any) -> None:
        self._members = {member.value.upper(): member for member in members}
        super().__init__(choices=list(self._members), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return self._members[super().to_internal_value(str(data).upper())]

    def to_representation(self, value: Any) -> str:
        return str(value).upper()


class RoleField(_EnumField):
    """A role, such as RISK_MANAGER."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Role, **kwargs)


class PermissionField(_EnumField):
    """A permission, such as PLACE_ORDERS."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Permission, **kwargs)


class LogInInput(serializers.Serializer[Any]):
    """What a log-in takes; `otp` where the user has a second factor."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=256, trim_whitespace=False)
    otp = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")


class RefreshInput(serializers.Serializer[Any]):
    """A refresh token, which works once."""

    refresh_token = serializers.CharField(max_length=4096)


class UserSerializer(serializers.Serializer[Any]):
    """A user as colleagues see them."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()


class MembershipSerializer(serializers.Serializer[Any]):
    """An organisation and the caller's role in it."""

    id = serializers.UUIDField(source="organisation_id")
    slug = serializers.CharField()
    name = serializers.CharField()
    role = RoleField()


class TokensSerializer(serializers.Serializer[Any]):
    """What a program keeps after a log-in."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")
    user = UserSerializer()
    roles = serializers.ListField(child=RoleField(), help_text="In the active organisation.")
    organisations = MembershipSerializer(many=True)


class MeSerializer(serializers.Serializer[Any]):
    """Who is calling, where, and what they may do there."""

    user = UserSerializer()
    organisation = MembershipSerializer(allow_null=True)
    roles = serializers.ListField(child=RoleField())
    permissions = serializers.ListField(child=PermissionField())
    organisations = MembershipSerializer(many=True)


class TicketSerializer(serializers.Serializer[Any]):
    """A ticket that opens one socket; `expires_in` in seconds."""

    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(default=ws_ticket.TICKET_SECONDS)


class OrganisationInput(serializers.Serializer[Any]):
    """An organisation to found; without `slug` one is made from the name."""

    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=60, required=False)


class MemberSerializer(serializers.Serializer[Any]):
    """A member of an organisation."""

    id = serializers.UUIDField()
    user = UserSerializer()
    role = RoleField()
    created_at = serializers.DateTimeField()


class RoleInput(serializers.Serializer[Any]):
    """Another role for a member."""

    role = RoleField()


class InvitationInput(serializers.Serializer[Any]):
    """Whom to invite, and as what."""

    email = serializers.EmailField(max_length=254)
    role = RoleField()


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation that can still be accepted."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = RoleField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitationCreatedSerializer(InvitationSerializer):
    """A new invitation with its link."""

    link = serializers.URLField(help_text="Shown once.")


class InvitationTokenInput(serializers.Serializer[Any]):
    """The secret of an invitation's link."""

    token = serializers.CharField(max_length=128)


class ApiKeyInput(serializers.Serializer[Any]):
    """A key to make; without `expires_at` it lasts, without networks it works from anywhere."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=PermissionField(), allow_empty=False, max_length=32)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    allowed_networks = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, default=list, max_length=32
    )


class ApiKeySerializer(serializers.Serializer[Any]):
    """A key without its secret text."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    user = UserSerializer()
    scopes = serializers.ListField(child=PermissionField())
    allowed_networks = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class ApiKeyCreatedSerializer(ApiKeySerializer):
    """A new key with its secret text."""

    key = serializers.CharField(help_text="Shown once; send it as `Authorization: Api-Key <key>`.")


class AuditEntrySerializer(serializers.Serializer[Any]):
    """One link of the audit trail."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(source="actor_label")
    actor_kind = serializers.SerializerMethodField()
    action = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]
    prev_hash = serializers.CharField()
    hash = serializers.CharField()

    @extend_schema_field({"type": "string", "enum": ["USER", "API_KEY", "SYSTEM"]})
    def get_actor_kind(self, entry: Any) -> str:
        """How the actor came in."""
        return str(entry.actor_kind).upper()


def me(caller: Caller, actor: Actor | None) -> dict[str, Any]:
    """The body of `auth/me`; without an actor the caller belongs to no organisation."""
    active = [m for m in caller.memberships if actor and m.organisation_id == actor.organisation_id]
    return {
        "user": {"id": caller.user_id, "email": caller.email, "name": caller.name},
        "organisation": active[0] if active else None,
        "roles": [m.role for m in active],
        "permissions": sorted(actor.permissions) if actor else [],
        "organisations": caller.reachable,
    }
