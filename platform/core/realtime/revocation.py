"""The word on the bus that a caller lost a right, so that every process looks again at that caller's sockets."""

from typing import Any
from uuid import UUID

import msgspec

CONTROL_CHANNEL = "control"


class Revocation(msgspec.Struct, frozen=True, tag_field="kind", tag="revoked"):
    """On the bus as JSON: this user lost something, look again now. An organisation or a key narrows it."""

    user_id: UUID
    organisation_id: UUID | None = None
    api_key_id: UUID | None = None

    def concerns(self, actor: Any) -> bool:
        """Whether the actor of a socket is meant."""
        return bool(
            actor.user_id == self.user_id
            and self.organisation_id in (None, actor.organisation_id)
            and self.api_key_id in (None, actor.api_key_id)
        )


def encode_revocation(revocation: Revocation) -> bytes:
    """A message for CONTROL_CHANNEL."""
    return msgspec.json.encode(revocation)


def decode_revocation(message: bytes) -> Revocation | None:
    """The inverse of `encode_revocation`; None for the other kinds of message on the channel."""
    try:
        return msgspec.json.decode(message, type=Revocation)
    except msgspec.DecodeError:
        return None
