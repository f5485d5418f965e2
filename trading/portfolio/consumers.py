"""The `positions` topic, and what every topic about one trading account has in common."""

from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.realtime.protocol import ProtocolError, text_field
from core.realtime.stream_topic import StreamTopic
from core.realtime.topics import Message

from .selectors import account_get, positions


class AccountTopic(StreamTopic):
    """A stream per trading account, for whoever may see the account; any other account is NotFound."""

    key_field = "account"

    def key_of(self, actor: Actor, message: Message) -> str:
        try:
            return str(UUID(text_field(message, "account")))
        except ValueError:
            raise ProtocolError("bad_field", "account must be an account's id.") from None

    def authorise(self, actor: Actor, key: str) -> None:
        actor.require(Permission.VIEW_ACCOUNTS)
        account_get(actor, UUID(key))


class PositionTopic(AccountTopic):
    """Positions of one account: all that are open or were traded today, then each change."""

    name = "positions"

    def snapshot(self, actor: Actor, key: str) -> Any:
        return [position.position_shape() for position in positions(actor, account_id=UUID(key))]
