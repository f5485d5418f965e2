"""Log-in for programs: allauth's own flow, second factor included, run in one request and answered with tokens."""

from dataclasses import dataclass
from uuid import UUID

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.stagekit import get_pending_stage
from allauth.core import ratelimit
from allauth.headless import app_settings as headless_settings
from allauth.headless.account.inputs import LoginInput
from allauth.headless.constants import Client
from allauth.headless.internal.authkit import authentication_context
from allauth.headless.internal.decorators import mark_request_as_headless
from allauth.headless.tokens.strategies.jwt import internal as jwt
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.internal.constants import LoginStageKey
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts.models import User
from accounts.services import access_revoked_on_commit
from accounts.sign_in_audit import sign_in_recorded
from core.errors import NotAuthenticated, PermissionDenied, TooMany

_RETRY_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program keeps. `expires_in` is the life of the access token in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    user_id: UUID


def log_in(*, request: HttpRequest, email: str, password: str, otp: str = "") -> Tokens:
    """Log in with a password and, where the user has one, a code of their second factor.

    Raises NotAuthenticated (`invalid_credentials`, `mfa_required`, `otp_invalid`), PermissionDenied
    (`email_unverified`) or TooMany; never tells whether an address is registered.
    """
    mark_request_as_headless(request, Client.APP)
    # A log-in starts from nothing: whatever session or token came with the request plays no part in it.
    request.META.pop("HTTP_AUTHORIZATION", None)
    request.META.pop("HTTP_X_SESSION_TOKEN", None)
    request.__dict__.pop("headers", None)
    if not ratelimit.consume(request, action="login"):
        raise TooMany("Too many log-ins from here.", retry_after=_RETRY_AFTER_SECONDS)
    with authentication_context(request):
        request.user = AnonymousUser()
        _pass_password(request, email, password)
        _pass_second_factor(request, otp)
        if not request.user.is_authenticated:
            raise PermissionDenied(
                "Confirm your e-mail address first; a link is on its way.", code="email_unverified"
            )
        payload = headless_settings.TOKEN_STRATEGY.create_access_token_payload(request)
        return Tokens(
            access_token=payload["access_token"],
            refresh_token=payload["refresh_token"],
            expires_in=headless_settings.JWT_ACCESS_TOKEN_EXPIRES_IN,
            user_id=request.user.pk,
        )


def refresh(*, refresh_token: str) -> Tokens:
    """New tokens for a refresh token, which works once; raises NotAuthenticated (`token_invalid`)."""
    known = jwt.validate_refresh_token(refresh_token)
    pair = headless_settings.TOKEN_STRATEGY.refresh_token(refresh_token) if known else None
    if known is None or pair is None:
        raise NotAuthenticated("The refresh token is not valid or has expired.", code="token_invalid")
    access, refresh = pair
    return Tokens(access, refresh, expires_in=headless_settings.JWT_ACCESS_TOKEN_EXPIRES_IN, user_id=known[0].pk)


def log_out(*, access_token: str) -> None:
    """End the log-in behind an access token, and with it every token that came from it."""
    payload = jwt.decode_token(access_token, "access")
    session = jwt.get_token_session(payload) if payload else None
    if payload is None or session is None:
        return
    session.flush()
    sign_in_recorded(user_id=UUID(payload["sub"]), action="user.logged_out")
    access_revoked_on_commit(user_id=UUID(payload["sub"]))


def _pass_password(request: HttpRequest, email: str, password: str) -> None:
    form = LoginInput({"email": email, "password": password})
    if not form.is_valid():
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        if "too_many_login_attempts" in codes:
            raise TooMany("Too many failed log-ins. Try again later.", retry_after=_RETRY_AFTER_SECONDS)
        raise _wrong_credentials()
    if not form.login.user.is_active:
        raise _wrong_credentials()
    perform_password_login(request, form.cleaned_data, form.login)


def _wrong_credentials() -> NotAuthenticated:
    """The same words for an unknown address, a wrong password and a disabled user."""
    return NotAuthenticated("The e-mail address or the password is not right.", code="invalid_credentials")


def _pass_second_factor(request: HttpRequest, otp: str) -> None:
    stage = get_pending_stage(request)
    if stage is None or stage.key != LoginStageKey.MFA_AUTHENTICATE.value:
        return
    if not otp:
        raise NotAuthenticated(_wanted(stage.login.user), code="mfa_required")
    form = AuthenticateForm({"code": otp}, user=stage.login.user)
    if not form.is_valid():
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        if "too_many_login_attempts" in codes:
            raise TooMany("Too many wrong codes. Try again later.", retry_after=_RETRY_AFTER_SECONDS)
        raise NotAuthenticated("The code is not right.", code="otp_invalid")
    form.save()
    stage.exit()


def _wanted(user: User) -> str:
    """What to send; a program cannot answer the challenge that a security key signs."""
    if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return "Send the code of your second factor as `otp`."
    return "Your second factor is a security key: log in in a browser, or send a recovery code as `otp`."
