"""The `chain` topic: option chains to sockets, changed strikes only.

A chain that anybody follows is made anew twice a second, once for all its followers of this process, off the loop;
what differs from the time before goes through the same conflating hub as quotes.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import date

from accounts.domain.permissions import Permission
from core.errors import SaudaError, Unavailable
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub
from core.realtime.protocol import ProtocolError, encode, text_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message

from ..domain.options.analytics import summarise
from ..selectors.options import chain_contracts, chain_now
from ..serializers.options import head_shape, row_shape
from .followed import FollowedTopic

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.5
_HEAD = "head"

ChainName = tuple[str, date]


class ChainTopic(FollowedTopic[ChainName, str]):
    """Option chains that clients name by underlying and expiry. Frames are ``{"event": "chain", "data": […]}``.

    An item is the chain's head (`kind` "head") or one strike (`kind` "row"), both with `underlying` and `expiry`.
    The first frame has everything.
    """

    name = "chain"
    title = "Chains"
    most = 4

    def __init__(self) -> None:
        super().__init__(
            ConflatingHub(lambda text: text, value_event="chain", batch_event="chain", interval=INTERVAL_SECONDS)
        )
        self._told: dict[ChainName, dict[str, str]] = {}
        self._ticker: asyncio.Task[None] | None = None

    def hub_keys(self, name: ChainName) -> Iterable[str]:
        """Of its head and each strike."""
        return list(self._told.get(name, ()))

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Add a chain; all of it follows at once, then what changes."""
        session.actor.require(Permission.VIEW_MARKET)
        name = await in_database(_name, *_terms(message))
        self.require_room(session, [name])
        if name not in self._told:
            self._told[name] = await in_database(_fragments, name)
        self._hub.prime(self._told[name])
        self.hold(session, [name])
        self.show(session, [name], batch=True)
        self._start()

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop a chain; all of them when the frame names none."""
        if "underlying" in message:
            self.drop(session, [await in_database(_name, *_terms(message))])
        else:
            self.drop(session)

    def unheard(self, name: ChainName) -> None:
        """Make it no longer."""
        self._hub.forget(list(self._told.pop(name, ())))

    def close(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()

    def _start(self) -> None:
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._follow_market())

    async def _follow_market(self) -> None:
        """Make each chain that is followed again and again, until none is."""
        while self._told:
            await asyncio.sleep(INTERVAL_SECONDS)
            for name in list(self._told):
                await self._renew(name)

    async def _renew(self, name: ChainName) -> None:
        try:
            fragments = await in_database(_fragments, name)
        except Unavailable:
            logger.warning("chain not renewed: the store does not answer", extra={"chain": name[0]})
            return
        except SaudaError as error:
            # Expired while somebody looked on, or its contracts were taken off the list.
            logger.info("chain ended", extra={"chain": name[0], "why": error.code})
            return
        told = self._told.get(name)
        if told is None:
            return
        changed = {key: text for key, text in fragments.items() if told.get(key) != text}
        told.update(changed)
        if changed:
            self._hub.update(changed)


def _terms(message: Message) -> tuple[str, date]:
    try:
        return text_field(message, "underlying"), date.fromisoformat(text_field(message, "expiry"))
    except ValueError as error:
        raise ProtocolError("bad_field", "expiry must be a date, as 2026-11-24.") from error


def _name(underlying: str, expiry: date) -> ChainName:
    contracts = chain_contracts(underlying, expiry)
    return contracts.underlying, contracts.expiry


def _fragments(name: ChainName) -> dict[str, str]:
    """JSON of the chain's head and of each strike, by the hub's key.

    The moment is left out of the head, which would change it every time.
    """
    chain = chain_now(*name)
    about = {"underlying": name[0], "expiry": name[1].isoformat()}
    head = head_shape(chain, summarise(chain))
    fields = {field: getattr(head, field) for field in head.__struct_fields__ if field not in ("at", "days")}
    prefix = f"{name[0]} {name[1]}"
    fragments = {f"{prefix} {_HEAD}": encode({"kind": "head", **fields, **about})}
    for row in chain.rows:
        shape = row_shape(row)
        fragments[f"{prefix} {row.strike}"] = encode(
            {"kind": "row", **about, "strike": shape.strike, "call": shape.call, "put": shape.put}
        )
    return fragments
