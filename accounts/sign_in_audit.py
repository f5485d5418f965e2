"""What the audit trail learns about log-ins, failed ones, log-outs and second factors.

These are signals, which the house avoids elsewhere, because allauth and Django run these flows in views of their
own and offer signals as the hook: overriding the views one by one would miss the next way in that allauth adds.
They are sent once the thing has happened, so each entry is a transaction of its own, in the organisation that the
user acts in. Somebody without an organisation leaves no entry, since there is no trail to write it to.
"""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed, password_reset, user_logged_in
from allauth.account.utils import filter_users_by_email
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.identity import caller_of_user
from accounts.models import User
from accounts.services import audit_record
from core.errors import NotAuthenticated
from core.http.client import client_address
from core.tenancy import tenant_scope


def sign_in_recorded(*, user_id: UUID, action: str, request: HttpRequest | None = None, **data: Any) -> None:
    """Write one entry about a user's own access, with the client's address where a request is given."""
    try:
        caller = caller_of_user(user_id)
    except NotAuthenticated:
        return
    if not caller.memberships:
        return
    if request is not None:
        data["address"] = client_address(request)
    actor = caller.actor()
    with tenant_scope(actor.organisation_id), transaction.atomic():
        audit_record(actor=actor, action=action, object_type="user", object_id=user_id, data=data)


@receiver(user_logged_in)
def _logged_in(*, request: HttpRequest, user: User, **_: Any) -> None:
    methods = [record.get("type", record["method"]) for record in get_authentication_records(request, user)]
    sign_in_recorded(user_id=user.pk, action="user.logged_in", request=request, methods=methods)


@receiver(user_logged_out)
def _logged_out(*, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        sign_in_recorded(user_id=user.pk, action="user.logged_out", request=request)


@receiver(user_login_failed)
def _password_refused(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    # An unknown address belongs to nobody's trail, and what was typed may be a password in the wrong field.
    for user in filter_users_by_email(credentials.get("email", ""), prefer_verified=True)[:1]:
        sign_in_recorded(user_id=user.pk, action="user.log_in_failed", request=request, method="password")


@receiver(authentication_failed)
def _factor_refused(*, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    sign_in_recorded(user_id=user.pk, action="user.log_in_failed", request=request, method=authenticator.type)


@receiver(authenticator_added)
def _factor_added(*, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _factor_changed("user.second_factor_added", request, user, authenticator)


@receiver(authenticator_removed)
def _factor_removed(*, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _factor_changed("user.second_factor_removed", request, user, authenticator)


@receiver(authenticator_reset)
def _factor_renewed(*, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _factor_changed("user.second_factor_renewed", request, user, authenticator)


def _factor_changed(action: str, request: HttpRequest, user: User, authenticator: Authenticator) -> None:
    name = {"name": authenticator.data["name"]} if authenticator.type == Authenticator.Type.WEBAUTHN else {}
    sign_in_recorded(user_id=user.pk, action=action, request=request, factor=authenticator.type, **name)


@receiver([password_changed, password_reset])
def _password_changed(*, request: HttpRequest, user: User, **_: Any) -> None:
    sign_in_recorded(user_id=user.pk, action="user.password_changed", request=request)
