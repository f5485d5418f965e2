"""Users as such, outside any organisation."""

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User

from .organisation import organisation_create
from .revocation import access_revoked_on_commit, caller_changed_on_commit


@transaction.atomic
def user_create(
    *,
    email: str,
    password: str | None,
    name: str = "",
    is_superuser: bool = False,
) -> User:
    """A user whose e-mail address counts as verified, made by an operator and not by registration."""
    create = User.objects.create_superuser if is_superuser else User.objects.create_user
    user = create(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def user_registered(*, user: User) -> None:
    """Give a newly registered user an organisation of their own."""
    organisation_create(name=f"{user.get_short_name()}'s desk", owner=user)


@transaction.atomic
def user_rename(*, user: User, name: str) -> None:
    """Change the name others see."""
    user.name = name.strip()
    user.save(update_fields=["name"])
    caller_changed_on_commit(user.pk)


@transaction.atomic
def user_disable(*, user: User) -> None:
    """Lock a user out everywhere, at once; nothing of theirs is deleted."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    access_revoked_on_commit(user_id=user.pk)
