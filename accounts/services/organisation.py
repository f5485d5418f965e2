"""Making tenants."""

import secrets

from django.db import transaction
from django.utils.text import slugify

from accounts.domain.actor import user_actor
from accounts.domain.permissions import Role
from accounts.models import AuditHead, Membership, Organisation, User
from core.errors import InvalidInput, NotFound
from core.tenancy import system_scope, tenant_scope

from .audit import audit_record
from .revocation import caller_changed_on_commit

_SLUG_LENGTH = 48


@transaction.atomic
def organisation_create(*, name: str, owner: User, slug: str | None = None) -> Organisation:
    """A new organisation with its first owner and an empty audit trail; becomes the owner's active one if none was.

    Without `slug` one is made from the name. Raises InvalidInput when the given slug is taken or the name is empty.
    """
    name = name.strip()
    if not name:
        raise InvalidInput("An organisation needs a name.", errors={"name": ["This field is required."]})
    if slug is not None and Organisation.objects.filter(slug=slug).exists():
        raise InvalidInput("This short name is taken.", errors={"slug": ["This short name is taken."]})
    organisation = Organisation.objects.create(name=name, slug=slug or _free_slug(name))
    with tenant_scope(organisation.id):
        AuditHead.objects.create(organisation=organisation)
        Membership.objects.create(organisation=organisation, user=owner, role=Role.OWNER)
        if owner.active_organisation_id is None:
            organisation_activate(user=owner, organisation=organisation)
        caller_changed_on_commit(owner.pk)
        audit_record(
            actor=user_actor(user_id=owner.pk, organisation_id=organisation.id, role=Role.OWNER, label=owner.email),
            action="organisation.created",
            object_type="organisation",
            object_id=organisation.id,
            data={"name": name, "slug": organisation.slug},
        )
    return organisation


@transaction.atomic
def organisation_activate(*, user: User, organisation: Organisation) -> None:
    """Make this the organisation the user acts in by default; NotFound unless they are a member."""
    with system_scope():
        if not Membership.objects.filter(user=user, organisation=organisation).exists():
            raise NotFound("No such organisation.")
    User.objects.filter(pk=user.pk).update(active_organisation=organisation)
    user.active_organisation = organisation
    caller_changed_on_commit(user.pk)


def _free_slug(name: str) -> str:
    stem = slugify(name)[:_SLUG_LENGTH] or "desk"
    if not Organisation.objects.filter(slug=stem).exists():
        return stem
    return f"{stem}-{secrets.token_hex(3)}"
