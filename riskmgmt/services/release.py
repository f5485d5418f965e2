"""Releasing a kill switch: asked for by one person, confirmed with a token by them or, better, by another."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict, NotFound, PermissionDenied, Unprocessable
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Source, State
from riskmgmt.models import KillSwitch

from .notices import tell_risk
from .scopes import scope_lock
from .states import state_write

VALID_FOR = timedelta(minutes=5)
ATTEMPTS = 5
# Without letters and digits that are easily taken for each other: the token is read out and typed.
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 8


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release that was asked for; `token` is shown once, to who asked."""

    switch: KillSwitch
    token: str


@transaction.atomic
def kill_switch_release_ask(*, actor: Actor, kill_switch_id: UUID) -> ReleaseRequest:
    """First step: get the token that the second step needs within five minutes. Needs KILL_SWITCH.

    Asking again makes the earlier token worthless. Raises NotFound, and Conflict (`kill_switch_released`).
    """
    actor.require(Permission.KILL_SWITCH)
    switch = _pressed(actor, kill_switch_id)
    token = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    switch.release_asked_at = clock.wall_now()
    switch.release_asked_by_id = actor.user_id
    switch.release_asked_by_label = actor.label
    switch.release_token_hash = _hash(switch, token)
    switch.release_attempts = 0
    switch.save()
    scope = _scope(switch)
    tell_risk(scope, title=f"Release asked for: {switch.scope_label}", body=f"By {actor.label}; not yet released.")
    _audit(actor, switch, "risk.kill_switch_release_asked")
    return ReleaseRequest(switch, token)


def kill_switch_release_confirm(*, actor: Actor, kill_switch_id: UUID, token: str) -> KillSwitch:
    """Second step: let the scope trade again. Needs KILL_SWITCH.

    Raises Conflict (`kill_switch_released`), Unprocessable (`release_not_asked`, `release_expired`,
    `release_token_wrong`), and PermissionDenied (`release_needs_another`) where the house wants two people.
    """
    actor.require(Permission.KILL_SWITCH)
    switch, refusal = _confirm(actor, kill_switch_id, token)
    if refusal == "release_needs_another":
        raise PermissionDenied("Another person has to confirm the release.", code=refusal)
    if refusal:
        raise Unprocessable(_REFUSALS[refusal], code=refusal)
    return switch


_REFUSALS = {
    "release_not_asked": "Nobody has asked for the release.",
    "release_expired": "The token is older than five minutes, or was tried too often; ask again.",
    "release_token_wrong": "That is not the token.",
}


@transaction.atomic
def _confirm(actor: Actor, kill_switch_id: UUID, token: str) -> tuple[KillSwitch, str]:
    switch = _pressed(actor, kill_switch_id)
    refusal = _refusal(actor, switch, token)
    if refusal:
        if refusal == "release_token_wrong":
            switch.release_attempts += 1
            switch.save(update_fields=["release_attempts"])
        return switch, refusal
    switch.released_at = clock.wall_now()
    switch.released_by_label = actor.label
    switch.release_token_hash = ""
    switch.save()
    scope = _scope(switch)
    state_write(
        scope,
        source=Source.KILL_SWITCH,
        state=State.ACTIVE,
        reason="The kill switch was released.",
        by=actor.label,
        by_id=actor.user_id,
    )
    tell_risk(scope, title=f"Kill switch released: {switch.scope_label}", body=f"By {actor.label}.")
    _audit(actor, switch, "risk.kill_switch_released")
    return switch, ""


def _refusal(actor: Actor, switch: KillSwitch, token: str) -> str:
    if switch.release_asked_at is None or not switch.release_token_hash:
        return "release_not_asked"
    late = clock.wall_now() - switch.release_asked_at > VALID_FOR
    if late or switch.release_attempts >= ATTEMPTS:
        return "release_expired"
    if not constant_time_compare(_hash(switch, token.strip().upper()), switch.release_token_hash):
        return "release_token_wrong"
    if settings.KILL_SWITCH_RELEASE_BY_ANOTHER and switch.release_asked_by_id == actor.user_id:
        return "release_needs_another"
    return ""


def _pressed(actor: Actor, kill_switch_id: UUID) -> KillSwitch:
    named = KillSwitch.objects.for_actor(actor).filter(id=kill_switch_id)
    found: KillSwitch | None = named.first()
    if found is None:
        raise NotFound("There is no such kill switch.", code="unknown_kill_switch")
    scope_lock(_scope(found))
    switch: KillSwitch = named.select_for_update(of=("self",)).get()
    if switch.released_at is not None:
        raise Conflict("The kill switch is released already.", code="kill_switch_released")
    return switch


def _scope(switch: KillSwitch) -> Scope:
    return Scope(switch.organisation_id, switch.account_id, None, switch.strategy)


def _hash(switch: KillSwitch, token: str) -> str:
    return salted_hmac("risk.kill_switch_release", f"{switch.id}:{token}", algorithm="sha256").hexdigest()


def _audit(actor: Actor, switch: KillSwitch, action: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="kill_switch",
        object_id=str(switch.id),
        data={
            "account": None if switch.account_id is None else str(switch.account_id),
            "strategy": switch.strategy,
        },
    )
