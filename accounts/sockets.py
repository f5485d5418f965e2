"""Who is at the other end of a socket: a ticket, an `Authorization` header or the session, in this order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.module_loading import import_string

from accounts.domain.actor import Actor
from accounts.domain.caller import Caller
from accounts.identity import caller_of_access_token, caller_of_api_key, caller_of_user
from accounts.models import ApiKey
from accounts.selectors.caller import api_key_facts
from accounts.services import ws_ticket_redeem
from accounts.services.ws_ticket import Ticket
from core.clock import wall_now
from core.errors import NotAuthenticated, PermissionDenied
from core.realtime.origin import socket_address
from core.tenancy import system_scope

Scope = Mapping[str, Any]


@dataclass(frozen=True)
class SocketIdentity:
    """A caller, and how to prove it again."""

    actor: Actor
    prove: Callable[[], Actor]

    def renewed(self) -> "SocketIdentity | None":
        """The same caller as the rows say now; None when the proof no longer holds."""
        try:
            return SocketIdentity(self.prove(), self.prove)
        except (NotAuthenticated, PermissionDenied):
            return None


def authenticate(scope: Scope) -> SocketIdentity:
    """Find out who opens a socket.

    Raises:
        NotAuthenticated: no proof, or one that does not hold.
        PermissionDenied: the caller belongs to no organisation.
    """
    text = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("ticket", [""])[0]
    if text:
        ticket = ws_ticket_redeem(text)
        if ticket is None:
            raise NotAuthenticated("The ticket is unknown, used or expired.", code="ticket_invalid")
        return SocketIdentity(ticket.actor, lambda: _actor_again(ticket))
    prove = _proof(scope)
    return SocketIdentity(prove(), prove)


def _proof(scope: Scope) -> Callable[[], Actor]:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    slug = headers.get(b"x-organisation")
    scheme, _, credential = headers.get(b"authorization", "").partition(" ")
    address = socket_address(scope)
    match scheme.lower():
        case "bearer":
            return lambda: caller_of_access_token(credential.strip()).actor(slug)
        case "api-key":
            return lambda: caller_of_api_key(credential.strip(), address).actor(slug)
        case "":
            session_key = _session_key(headers.get(b"cookie", ""))
            return lambda: _caller_of_session(session_key).actor(slug)
    raise NotAuthenticated("This kind of Authorization is not known here.")


def _session_key(cookies: str) -> str:
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _caller_of_session(session_key: str) -> Caller:
    if not session_key:
        raise NotAuthenticated("Log in, or send a ticket or an Authorization header.")
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request = HttpRequest()
    request.session = store(session_key)
    with system_scope():
        user = get_user(request)
    if not user.is_authenticated:
        raise NotAuthenticated("The log-in has ended.")
    return caller_of_user(user.pk)


def _actor_again(ticket: Ticket) -> Actor:
    """A ticket's actor as the rows say now: in the same organisation, by the same key or under the same log-in."""
    actor = ticket.actor
    if actor.user_id is None:
        raise NotAuthenticated
    caller = _caller_of_session(ticket.session_key) if ticket.session_key else caller_of_user(actor.user_id)
    membership = next((m for m in caller.memberships if m.organisation_id == actor.organisation_id), None)
    if membership is None:
        raise PermissionDenied("You are not a member of this organisation.", code="not_a_member")
    if actor.api_key_id is None:
        return caller.actor(membership.slug)
    return _with_key(caller, actor.api_key_id).actor(membership.slug)


def _with_key(caller: Caller, api_key_id: UUID) -> Caller:
    with system_scope():
        digest = ApiKey.objects.filter(pk=api_key_id).values_list("digest", flat=True).first()
        facts = api_key_facts(digest) if digest else None
    if facts is None or facts.is_expired(wall_now()):
        raise NotAuthenticated("The API key was revoked or has expired.")
    return replace(caller, api_key=facts)
