"""Where allauth asks the house: registration, ended sessions and the keeping of second factors."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.services import access_revoked_on_commit, invitation_accept, invitation_by_token, user_registered
from core.errors import NotFound

INVITATION_SESSION_KEY = "invitation"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Registers users with an organisation."""

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Register: the user, and the organisation they were invited to or else one of their own."""
        with transaction.atomic():
            super().save_user(request, user, form, commit=commit)
            token = request.session.get(INVITATION_SESSION_KEY)
            if token and _is_for(token, user):
                invitation_accept(user=user, token=token)
            else:
                user_registered(user=user)
        return user


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Ends sessions together with what is cached about them."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """Log out elsewhere."""
        ended = list(sessions)
        super().end_sessions(ended)
        for user_id in {session.user_id for session in ended}:
            access_revoked_on_commit(user_id=user_id)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors from being read out of a database dump."""

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a stored secret."""
        return _box().decrypt(encrypted_text.encode()).decode()


def _is_for(token: str, user: User) -> bool:
    try:
        return invitation_by_token(token).email == user.email
    except NotFound:
        return False


def _box() -> Fernet:
    key = salted_hmac("accounts.mfa", "second factors", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))
