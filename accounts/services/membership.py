"""Who belongs to an organisation, and as what."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor, ActorKind
from accounts.domain.permissions import Permission, Role, may_assign
from accounts.models import ApiKey, Membership, User
from core.clock import wall_now
from core.errors import Conflict, NotFound, PermissionDenied

from .audit import audit_record
from .revocation import access_revoked_on_commit, caller_changed_on_commit


@transaction.atomic
def membership_add(*, actor: Actor, user: User, role: Role) -> Membership:
    """Make a user a member of the actor's organisation; Conflict when they already are."""
    require_assignable(actor, current=None, new=role)
    if Membership.objects.for_actor(actor).filter(user=user).exists():
        raise Conflict(f"{user.email} is already a member.", code="already_a_member")
    membership = Membership.objects.create(organisation_id=actor.organisation_id, user=user, role=role)
    if user.active_organisation_id is None:
        User.objects.filter(pk=user.pk).update(active_organisation_id=actor.organisation_id)
        user.active_organisation_id = actor.organisation_id
    caller_changed_on_commit(user.pk)
    audit_record(
        actor=actor,
        action="membership.added",
        object_type="membership",
        object_id=membership.id,
        data={"user": user.email, "role": role},
    )
    return membership


@transaction.atomic
def membership_change(*, actor: Actor, membership_id: UUID, role: Role) -> Membership:
    """Give a member another role. Conflict when the organisation would be left without an owner."""
    membership = _membership_locked(actor, membership_id)
    before = Role(membership.role)
    require_assignable(actor, current=before, new=role)
    if before is role:
        return membership
    if before is Role.OWNER:
        _require_another_owner(actor, membership)
    membership.role = role
    membership.save(update_fields=["role"])
    access_revoked_on_commit(user_id=membership.user_id, organisation_id=actor.organisation_id)
    audit_record(
        actor=actor,
        action="membership.changed",
        object_type="membership",
        object_id=membership.id,
        data={"user": membership.user.email, "from": before, "to": role},
    )
    return membership


@transaction.atomic
def membership_remove(*, actor: Actor, membership_id: UUID) -> None:
    """Take a member out, and revoke the keys they held here. Members may also leave by themselves.

    Conflict when the organisation would be left without an owner.
    """
    membership = _membership_locked(actor, membership_id)
    role = Role(membership.role)
    if membership.user_id != actor.user_id or actor.kind is ActorKind.API_KEY:
        require_assignable(actor, current=role, new=None)
    if role is Role.OWNER:
        _require_another_owner(actor, membership)
    ApiKey.objects.for_actor(actor).filter(user=membership.user, revoked_at=None).update(revoked_at=wall_now())
    User.objects.filter(pk=membership.user_id, active_organisation_id=actor.organisation_id).update(
        active_organisation=None
    )
    membership.delete()
    access_revoked_on_commit(user_id=membership.user_id, organisation_id=actor.organisation_id)
    audit_record(
        actor=actor,
        action="membership.removed",
        object_type="membership",
        object_id=membership_id,
        data={"user": membership.user.email, "role": role},
    )


def require_assignable(actor: Actor, *, current: Role | None, new: Role | None) -> None:
    """Raise PermissionDenied unless the actor may move a member from one role to another (None: not a member)."""
    if actor.kind is ActorKind.SYSTEM:
        return
    actor.require(Permission.MANAGE_MEMBERS)
    if actor.role is None or not may_assign(actor.role, current=current, new=new):
        raise PermissionDenied("Only an owner can make or change an owner.", code="owner_only")


def _membership_locked(actor: Actor, membership_id: UUID) -> Membership:
    found = (
        Membership.objects.for_actor(actor)
        .select_for_update(of=("self",))
        .select_related("user")
        .filter(id=membership_id)
        .first()
    )
    if found is None:
        raise NotFound("No such member.")
    return found  # type: ignore[no-any-return]


def _require_another_owner(actor: Actor, membership: Membership) -> None:
    # The lock makes two owners who leave at the same moment wait for each other.
    owners = list(
        Membership.objects.for_actor(actor).select_for_update().filter(role=Role.OWNER).values_list("id", flat=True)
    )
    if owners == [membership.id]:
        raise Conflict("An organisation keeps at least one owner.", code="last_owner")
