"""Tickets that let a socket open without a cookie or a header: one use, thirty seconds."""

import hashlib
import secrets
from dataclasses import dataclass

from django.core.cache import cache

from accounts.domain.actor import Actor

from .revocation import user_stamp

TICKET_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who a ticket stands for, and the key of the log-in's session that it ends with; empty for an API key."""

    actor: Actor
    session_key: str = ""


def ws_ticket_issue(*, actor: Actor, session_key: str = "") -> str:
    """A ticket that stands for this actor; raises ValueError for the system, which opens no sockets."""
    if actor.user_id is None:
        raise ValueError("only a user can open a socket")
    ticket = secrets.token_urlsafe(32)
    cache.set(_key(ticket), (user_stamp(actor.user_id), Ticket(actor, session_key)), TICKET_SECONDS)
    return ticket


def ws_ticket_redeem(text: str) -> Ticket | None:
    """What a ticket stands for, once; None when unknown, used, expired, or the actor's rights changed since."""
    key = _key(text)
    kept = cache.get(key)
    # Only one of two parallel redemptions deletes the key.
    if kept is None or not cache.delete(key):
        return None
    stamp, ticket = kept
    return ticket if stamp == user_stamp(ticket.actor.user_id) else None


def _key(ticket: str) -> str:
    return f"auth:ws-ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"
