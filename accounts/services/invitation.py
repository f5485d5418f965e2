"""Asking people in, by a link that works once, for one address, until it expires."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.domain.actor import Actor, system_actor
from accounts.domain.permissions import Permission, Role
from accounts.models import Invitation, Membership, User
from core.clock import wall_now
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.tenancy import system_scope, tenant_scope

from .audit import audit_record
from .membership import membership_add, require_assignable
from .organisation import organisation_activate

INVITATION_LIFE = timedelta(days=7)


@transaction.atomic
def invitation_create(*, actor: Actor, email: str, role: Role) -> tuple[Invitation, str]:
    """An invitation and the secret for its link, which is not kept. An open one for the same address is revoked."""
    require_assignable(actor, current=None, new=role)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput("The invitation was not made.", errors={"email": error.messages}) from error
    if Membership.objects.for_actor(actor).filter(user__email=email).exists():
        raise Conflict(f"{email} is already a member.", code="already_a_member")
    _open_invitations(actor).filter(email=email).update(revoked_at=wall_now())
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation_id=actor.organisation_id,
        email=email,
        role=role,
        token_digest=_digest(token),
        invited_by_id=actor.user_id,
        expires_at=wall_now() + INVITATION_LIFE,
    )
    audit_record(
        actor=actor,
        action="invitation.created",
        object_type="invitation",
        object_id=invitation.id,
        data={"email": email, "role": role},
    )
    return invitation, token


@transaction.atomic
def invitation_revoke(*, actor: Actor, invitation_id: UUID) -> None:
    """Make an open invitation's link useless; NotFound when it is not open."""
    actor.require(Permission.MANAGE_MEMBERS)
    invitation = _open_invitations(actor).select_for_update().filter(id=invitation_id).first()
    if invitation is None:
        raise NotFound("No such open invitation.")
    invitation.revoked_at = wall_now()
    invitation.save(update_fields=["revoked_at"])
    audit_record(
        actor=actor,
        action="invitation.revoked",
        object_type="invitation",
        object_id=invitation.id,
        data={"email": invitation.email},
    )


@transaction.atomic
def invitation_accept(*, user: User, token: str) -> Membership:
    """Turn an invitation into a membership, and make its organisation the active one.

    Raises NotFound for a link that is unknown, used, revoked or expired; PermissionDenied when the user's address
    is not the invited one.
    """
    invitation = invitation_by_token(token, lock=True)
    if user.email != invitation.email:
        raise PermissionDenied("This invitation is for another e-mail address.", code="invitation_not_yours")
    with tenant_scope(invitation.organisation_id):
        invitation.accepted_at = wall_now()
        invitation.accepted_by = user
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        membership = membership_add(
            actor=system_actor(invitation.organisation_id, f"invitation of {invitation.email}"),
            user=user,
            role=Role(invitation.role),
        )
        organisation_activate(user=user, organisation=invitation.organisation)
    return membership


def invitation_by_token(token: str, *, lock: bool = False) -> Invitation:
    """The open invitation behind a link's secret, with its organisation; NotFound when it is no longer good."""
    with system_scope():
        rows = Invitation.objects.select_related("organisation")
        if lock:
            rows = rows.select_for_update(of=("self",))
        invitation = rows.filter(
            token_digest=_digest(token), accepted_at=None, revoked_at=None, expires_at__gt=wall_now()
        ).first()
    if invitation is None:
        raise NotFound("This invitation is no longer valid.", code="invitation_invalid")
    return invitation  # type: ignore[no-any-return]


def _open_invitations(actor: Actor):  # type: ignore[no-untyped-def]
    return Invitation.objects.for_actor(actor).filter(accepted_at=None, revoked_at=None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
