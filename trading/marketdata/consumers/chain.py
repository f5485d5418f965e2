"""The `chain` topic: option chains to sockets, changed strikes only.

A chain that anybody follows is made anew twice a second, once for all its followers of this process, off the loop;
what differs from the time before goes through the same conflating hub as quotes.
"""

import asyncio
import logging
from datetime import date

from accounts.domain.permissions import Permission
from core.errors import SaudaError, Unavailable
from core.realtime import metrics
from core.realtime.database import in_database
from core.realtime.hub import ConflatingHub, Follower
from core.realtime.protocol import ProtocolError, encode, event_frame, text_field
from core.realtime.session import SocketSession
from core.realtime.topics import Message, Topic

from ..domain.options.analytics import summarise
from ..selectors.options import chain_contracts, chain_now
from ..serializers.options import head_shape, row_shape

logger = logging.getLogger(__name__)

MAX_CHAINS = 4
INTERVAL_SECONDS = 0.5
_HEAD = "head"

ChainName = tuple[str, date]


class ChainTopic(Topic):
    """Option chains that clients name by underlying and expiry. Frames are ``{"event": "chain", "data": […]}``.

    An item is the chain's head (`kind` "head") or one strike (`kind` "row"), both with `underlying` and `expiry`.
    The first frame has everything.
    """

    name = "chain"

    def __init__(self) -> None:
        self._hub: ConflatingHub[str] = ConflatingHub(
            lambda text: text, value_event="chain", batch_event="chain", interval=INTERVAL_SECONDS
        )
        self._followers: dict[SocketSession, Follower] = {}
        self._wanted: dict[SocketSession, dict[ChainName, None]] = {}
        self._told: dict[ChainName, dict[str, str]] = {}
        self._ticker: asyncio.Task[None] | None = None

    async def subscribe(self, session: SocketSession, message: Message) -> None:
        """Add a chain; all of it follows at once, then what changes."""
        session.actor.require(Permission.VIEW_MARKET)
        name = await in_database(_name, *_terms(message))
        wanted = self._wanted.setdefault(session, {})
        if name not in wanted and len(wanted) >= MAX_CHAINS:
            raise ProtocolError("too_many_subscriptions", f"{MAX_CHAINS} chains at most on one socket.")
        if name not in self._told:
            self._told[name] = await in_database(_fragments, name)
        self._hub.prime(self._told[name])
        follower = self._followers.setdefault(session, Follower(session.writer, batch=True))
        if name not in wanted:
            wanted[name] = None
            metrics.SUBSCRIPTIONS.labels(topic=self.name).inc()
        self._hub.follow(follower, list(self._told[name]))
        self._start()

    async def unsubscribe(self, session: SocketSession, message: Message) -> None:
        """Drop a chain; all of them when the frame names none."""
        if "underlying" not in message:
            self.leave(session)
            return
        self._drop(session, await in_database(_name, *_terms(message)))

    def leave(self, session: SocketSession) -> None:
        for name in list(self._wanted.get(session, ())):
            self._drop(session, name)

    async def recheck(self, session: SocketSession) -> None:
        """End the chains of a caller who may no longer see the market."""
        if session in self._followers and not session.actor.may(Permission.VIEW_MARKET):
            self.leave(session)
            session.send(event_frame("error", code="permission_denied", detail="Chains ended.", topic=self.name))

    def close(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()

    def _drop(self, session: SocketSession, name: ChainName) -> None:
        wanted = self._wanted.get(session, {})
        if name not in wanted:
            return
        del wanted[name]
        metrics.SUBSCRIPTIONS.labels(topic=self.name).dec()
        self._hub.unfollow(self._followers[session], list(self._told.get(name, ())))
        if not wanted:
            del self._wanted[session]
            del self._followers[session]
        if not any(name in others for others in self._wanted.values()):
            self._hub.forget(list(self._told.pop(name, ())))

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
