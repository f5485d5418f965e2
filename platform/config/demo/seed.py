"""The demo's organisations, users, paper accounts and superuser. Running it again adds only what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import Actor, system_actor
from accounts.domain.permissions import Role
from accounts.models import Organisation, User
from accounts.services import membership_add, organisation_create, user_create
from core.errors import Conflict
from core.tenancy import tenant_scope
from trading.portfolio.services import account_create, funds_deposit

PASSWORD = "sauda-demo"
SUPERUSER = "root@sauda.demo"
OPENING_PAISE = 10_00_000 * 100

_ORGANISATIONS = {"alpha": "Alpha Capital", "beta": "Beta Securities"}
_LOCAL_PARTS = {
    Role.OWNER: "owner",
    Role.ADMIN: "admin",
    Role.RISK_MANAGER: "risk",
    Role.TRADER: "trader",
    Role.ANALYST: "analyst",
    Role.VIEWER: "viewer",
}
_ROLES_WITH_ACCOUNT = (Role.TRADER, Role.OWNER)


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody who can log in with `PASSWORD`."""

    email: str
    organisation: str
    role: str


def demo_logins() -> Iterator[DemoLogin]:
    """Everybody that the seed creates."""
    for slug in _ORGANISATIONS:
        for role, local_part in _LOCAL_PARTS.items():
            yield DemoLogin(f"{local_part}@{slug}.demo", slug, role.value)
    yield DemoLogin(SUPERUSER, "", "superuser (/admin/)")


def demo_seed() -> None:
    """Create what is missing. Raises Conflict outside a demo installation: the passwords are public."""
    if not settings.DEMO:
        raise Conflict("Demo users have public passwords and belong only in a demo.", code="not_a_demo")
    if not User.objects.filter(email=SUPERUSER).exists():
        user_create(email=SUPERUSER, password=PASSWORD, name="Root", is_superuser=True)
    for slug, name in _ORGANISATIONS.items():
        if not Organisation.objects.filter(slug=slug).exists():
            _seed_organisation(slug, name)


@transaction.atomic
def _seed_organisation(slug: str, name: str) -> None:
    users = {
        role: user_create(
            email=f"{local_part}@{slug}.demo",
            password=PASSWORD,
            name=f"{name.split()[0]} {role.label}",
        )
        for role, local_part in _LOCAL_PARTS.items()
    }
    organisation = organisation_create(name=name, owner=users[Role.OWNER], slug=slug)
    actor = system_actor(organisation.id, "demo")
    with tenant_scope(organisation.id):
        for role, user in users.items():
            if role is not Role.OWNER:
                membership_add(actor=actor, user=user, role=role)
        for role in _ROLES_WITH_ACCOUNT:
            _open_account(actor, users[role], f"{role.label}'s paper account")


def _open_account(actor: Actor, owner: User, name: str) -> None:
    account = account_create(actor=actor, owner_id=owner.id, name=name)
    funds_deposit(actor=actor, account_id=account.id, paise=OPENING_PAISE, description="Opening balance")
