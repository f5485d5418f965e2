"""Taking rights back, at once: cached answers are dropped and every process is told after commit.

The *stamp* of a user vouches for all that is cached about them (see `accounts.identity`).
"""

import secrets
from functools import partial
from uuid import UUID

from django.db import transaction

from core.events import publish_on_commit
from core.realtime.revocation import CONTROL_CHANNEL, Revocation, encode_revocation
from core.store import get_store

STAMP_LENGTH = 16
_DAY_SECONDS = 86_400


def user_stamp_key(user_id: UUID) -> str:
    """Where the store keeps the user's stamp, for who reads it together with what it vouches for."""
    return f"auth:stamp:{user_id}"


def user_stamp(user_id: UUID) -> str:
    """The user's current stamp, made when there is none."""
    key, store = user_stamp_key(user_id), get_store()
    stamp = store.get(key)
    while stamp is None:
        store.add(key, _new_stamp(), _DAY_SECONDS)
        stamp = store.get(key)
    return stamp.decode()


def caller_changed_on_commit(user_id: UUID) -> None:
    """Forget what is cached about a user who gained something; open sockets stay."""
    _stamp_renew_on_commit(user_id)


def access_revoked_on_commit(
    *, user_id: UUID, organisation_id: UUID | None = None, api_key_id: UUID | None = None
) -> None:
    """Forget what is cached about a user who lost something, and have their sockets checked again everywhere.

    With an organisation or a key, only what that membership or key carried is lost.
    """
    lost = Revocation(user_id=user_id, organisation_id=organisation_id, api_key_id=api_key_id)
    _stamp_renew_on_commit(user_id)
    publish_on_commit(CONTROL_CHANNEL, encode_revocation(lost))


def _stamp_renew_on_commit(user_id: UUID) -> None:
    # Not `call_on_commit`, which would let a failure pass in silence: the lost right would live on in the cache.
    transaction.on_commit(partial(_stamp_renew, user_id))


def _stamp_renew(user_id: UUID) -> None:
    get_store().set(user_stamp_key(user_id), _new_stamp(), _DAY_SECONDS)


def _new_stamp() -> bytes:
    return secrets.token_hex(STAMP_LENGTH // 2).encode()
