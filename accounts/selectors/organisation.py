"""Reading what an actor's organisation holds."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.models import ApiKey, AuditEntry, Invitation, Membership, Organisation
from core.clock import wall_now
from core.errors import NotFound
from core.tenancy import system_scope


def organisation_get(actor: Actor) -> Organisation:
    """The organisation the actor acts in."""
    return Organisation.objects.get(pk=actor.organisation_id)


def organisation_of_user(user_id: UUID, organisation_id: UUID) -> Organisation:
    """One of the organisations a user belongs to; NotFound for any other."""
    with system_scope():
        membership = (
            Membership.objects.filter(user_id=user_id, organisation_id=organisation_id)
            .select_related("organisation")
            .first()
        )
    if membership is None:
        raise NotFound("No such organisation.")
    organisation: Organisation = membership.organisation
    return organisation


def members(actor: Actor) -> QuerySet[Any]:
    """Members of the actor's organisation, oldest first, with their users."""
    actor.require(Permission.VIEW_MEMBERS)
    return Membership.objects.for_actor(actor).select_related("user").order_by("created_at", "id")


def member_get(actor: Actor, membership_id: UUID) -> Membership:
    """A member whom the actor may act upon: themselves, or with MANAGE_MEMBERS anybody; NotFound for a stranger."""
    found = Membership.objects.for_actor(actor).select_related("user").filter(pk=membership_id).first()
    if found is None:
        raise NotFound("No such member.")
    membership: Membership = found
    if membership.user_id != actor.user_id:
        actor.require(Permission.MANAGE_MEMBERS)
    return membership


def invitations_open(actor: Actor) -> QuerySet[Any]:
    """Invitations that can still be accepted, newest first."""
    actor.require(Permission.MANAGE_MEMBERS)
    return (
        Invitation.objects.for_actor(actor)
        .filter(accepted_at=None, revoked_at=None, expires_at__gt=wall_now())
        .select_related("invited_by")
        .order_by("-created_at", "-id")
    )


def api_keys(actor: Actor) -> QuerySet[Any]:
    """The actor's own keys, newest first; with MANAGE_MEMBERS everybody's here."""
    actor.require(Permission.MANAGE_API_KEYS)
    keys = ApiKey.objects.for_actor(actor).select_related("user").order_by("-created_at", "-id")
    return keys if actor.may(Permission.MANAGE_MEMBERS) else keys.filter(user_id=actor.user_id)


def api_key_get(actor: Actor, api_key_id: UUID) -> ApiKey:
    """One of the keys the actor sees (see `api_keys`); NotFound for any other."""
    found = api_keys(actor).filter(pk=api_key_id).first()
    if found is None:
        raise NotFound("No such API key.")
    key: ApiKey = found
    return key


def audit_entries(actor: Actor, *, action: str = "", actor_text: str = "") -> QuerySet[Any]:
    """The audit trail, newest first, narrowed by the start of an action and part of an actor's label."""
    actor.require(Permission.VIEW_AUDIT)
    entries = AuditEntry.objects.for_actor(actor).order_by("-seq")
    if action:
        entries = entries.filter(action__startswith=action)
    if actor_text:
        entries = entries.filter(actor_label__icontains=actor_text)
    return entries
