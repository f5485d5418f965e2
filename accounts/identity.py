"""From a credential to a caller, without the database once the answer is known.

Answers live in the shared cache for `AUTH_CACHE_SECONDS` and carry the user's *stamp*. Whoever takes a right away
renews the stamp after commit (`services.revocation`), so that the very next request reads the rows again. The
stamp is read before the rows are, hence an answer from before the change can never pass for one from after it.
"""

import hashlib
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from allauth.headless.tokens.strategies.jwt import internal as jwt
from django.conf import settings
from django.core.cache import cache
from knox.crypto import hash_token

from accounts.domain.caller import ApiKeyFacts, Caller
from accounts.selectors.caller import api_key_facts, caller_facts
from accounts.services import api_key_used, user_stamp, user_stamp_key
from accounts.services.revocation import STAMP_LENGTH
from core.clock import wall_now
from core.errors import NotAuthenticated
from core.store import get_store
from core.tenancy import system_scope

T = TypeVar("T")


def caller_of_user(user_id: UUID) -> Caller:
    """The caller behind a user id that was authenticated elsewhere, such as by the session.

    Raises NotAuthenticated when the user is gone or disabled.
    """
    return _caller(user_id, _Memory(user_id, _caller_key(user_id)))


def caller_of_access_token(token: str) -> Caller:
    """The caller behind a JWT from `auth/login`; raises NotAuthenticated when it, or its log-in, has ended."""
    signed = _signed(token)
    if signed.expires <= time.time():
        raise _token_invalid()
    payload = signed.payload

    def log_in_holds() -> bool | None:
        session = jwt.get_token_session(payload)
        return True if session is not None and jwt.validate_token_user(payload, session) else None

    memory = _Memory(signed.user_id, signed.log_in_key, _caller_key(signed.user_id))
    if not memory.recall(signed.log_in_key, log_in_holds):
        raise _token_invalid()
    return _caller(signed.user_id, memory)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What an access token says under our signature. Whether its log-in still holds is another question."""

    payload: dict[str, Any]
    user_id: UUID
    log_in_key: str
    expires: float


@lru_cache(maxsize=4096)
def _signed(token: str) -> _Signed:
    """Read a token once: the same text under the same signature says the same ever after, but for its end.

    Raises NotAuthenticated, which is not remembered.
    """
    payload = jwt.decode_token(token, "access")
    if payload is None:
        raise _token_invalid()
    session_key = jwt.session_key_from_sid(payload["sid"]) or ""
    log_in_key = f"auth:session:{hashlib.sha256(session_key.encode()).hexdigest()}"
    return _Signed(payload, UUID(payload["sub"]), log_in_key, payload["exp"])


def _token_invalid() -> NotAuthenticated:
    return NotAuthenticated("The access token is not valid or has expired.", code="token_invalid")


def caller_of_api_key(key: str, address: str) -> Caller:
    """The caller behind an API key used from an IP address; raises NotAuthenticated whatever the reason."""
    digest = hash_token(key)
    facts = _remembered_key(digest)
    if facts is None or facts.is_expired(wall_now()) or not facts.admits(address):
        raise NotAuthenticated("The API key is not valid here.", code="api_key_invalid")
    api_key_used(api_key_id=facts.id)
    return replace(caller_of_user(facts.user_id), api_key=facts)


def _remembered_key(digest: str) -> ApiKeyFacts | None:
    known = cache.get(f"auth:key:{digest}")
    if known is not None and known[0] == user_stamp(known[1].user_id):
        return known[1]  # type: ignore[no-any-return]
    with system_scope():
        facts = api_key_facts(digest)
        if facts is None:
            return None
        stamp = user_stamp(facts.user_id)
        # Read again under the stamp: the key may have been revoked between the two reads.
        facts = api_key_facts(digest)
    if facts is not None:
        cache.set(f"auth:key:{digest}", (stamp, facts), settings.AUTH_CACHE_SECONDS)
    return facts


class _Memory:
    """What the cache knows about one user under their present stamp, fetched in one round trip."""

    def __init__(self, user_id: UUID, *keys: str) -> None:
        stamp, *known = get_store().mget([user_stamp_key(user_id), *keys])
        self._stamp = stamp or user_stamp(user_id).encode()
        self._known = dict(zip(keys, known, strict=True))

    def recall(self, key: str, read: Callable[[], T | None]) -> T | None:
        """The remembered answer, else what `read` finds in the rows; None is not remembered."""
        known = self._known.get(key)
        if known is not None and known.startswith(self._stamp):
            return _unpickled(known)  # type: ignore[no-any-return]
        with system_scope():
            answer = read()
        if answer is not None and settings.AUTH_CACHE_SECONDS > 0:
            get_store().set(key, self._stamp + pickle.dumps(answer), settings.AUTH_CACHE_SECONDS)
        return answer


@lru_cache(maxsize=4096)
def _unpickled(known: bytes) -> Any:
    """The answer behind a stamp. Answers never change once made, so the same bytes may give the same object."""
    return pickle.loads(known[STAMP_LENGTH:])


def _caller_key(user_id: UUID) -> str:
    return f"auth:caller:{user_id}"


def _caller(user_id: UUID, memory: _Memory) -> Caller:
    caller = memory.recall(_caller_key(user_id), lambda: caller_facts(user_id))
    if caller is None:
        raise NotAuthenticated("The log-in is no longer valid.")
    return caller
