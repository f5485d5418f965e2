"""The servers that the bench compares, each alone in a process: `python -m config.benches.fanout.servers DESIGN`.

- `hub`: the real application under uvicorn, with log-in waved through and its ticks from a thread, as in the demo.
- `publisher`: no server: the same ticks onto the Redis that several `hub` processes follow.
- `broadcast`: no application, no conflation, no slots: `websockets` writes ready-made frames of the same size.
- `groups`: Channels' `group_send` per tick, the way tutorials do it.
"""

import asyncio
import socket
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import django
import uvicorn

Application = Callable[..., Awaitable[None]]

NOBODY = UUID(int=0)


@dataclass(frozen=True)
class _Anybody:
    """An identity that always holds: the bench measures sending, not logging in."""

    actor: Any

    def renewed(self) -> "_Anybody":
        return self


def authenticate(scope: Any) -> _Anybody:
    """Named in SOCKET_AUTHENTICATOR while the bench runs."""
    from accounts.domain.actor import user_actor
    from accounts.domain.permissions import Role

    return _Anybody(user_actor(user_id=NOBODY, organisation_id=NOBODY, role=Role.VIEWER, label="bench"))


def serve_hub(listener: socket.socket, *, symbols: int, ticks: int) -> None:
    """The house's own way, whole; with Redis the ticks come from elsewhere."""
    from django.conf import settings

    settings.SOCKET_AUTHENTICATOR = "config.benches.fanout.servers.authenticate"
    settings.SOCKETS_PER_USER = settings.SOCKETS_PER_ADDRESS = 1_000_000

    from config.asgi import application
    from config.benches.fanout import ticks as market
    from core.realtime.server import UVICORN_OPTIONS
    from trading.marketdata.services import quote_publish

    if not settings.REDIS_URL:
        quotes = market.first_quotes(market.symbols(symbols))
        quote_publish(quotes.values())
        market.publish_in_thread(market.flushes(quotes, ticks), quote_publish)
    _serve_asgi(application, listener, UVICORN_OPTIONS)


def publish(listener: socket.socket, *, symbols: int, ticks: int) -> None:
    """The feed of several hubs; the listener only says that it has begun."""
    from config.benches.fanout import ticks as market
    from trading.marketdata.services import quote_publish

    quotes = market.first_quotes(market.symbols(symbols))
    quote_publish(quotes.values())
    market.publish_in_thread(market.flushes(quotes, ticks), quote_publish).join()


def serve_broadcast(listener: socket.socket, *, symbols: int, ticks: int) -> None:
    """The limit of a pure Python socket server: nothing is built, the same text goes to all."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    from config.benches.fanout import ticks as market
    from core.realtime.hub import INTERVAL_SECONDS
    from core.realtime.protocol import batch_frame
    from trading.marketdata.consumers import encode_quote_frame

    quotes = market.first_quotes(market.symbols(symbols))
    batches = market.flushes(quotes, ticks)
    open_sockets: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        open_sockets.add(connection)
        await connection.wait_closed()

    async def main() -> None:
        async with serve(handle, sock=listener, compression=None, ping_interval=None):
            due = asyncio.get_running_loop().time()
            while True:
                due += INTERVAL_SECONDS
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                changed = {quote.key: quote for _ in range(2) for quote in next(batches)}
                broadcast(
                    open_sockets, batch_frame("quotes", [encode_quote_frame(each) for each in changed.values()])
                )

    _event_loop(main())


def serve_groups(listener: socket.socket, *, symbols: int, ticks: int) -> None:
    """A group, and a message to it per tick."""
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.layers import get_channel_layer

    from config.benches.fanout import ticks as market
    from core.realtime.protocol import value_frame
    from trading.marketdata.consumers import encode_quote_frame

    class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
        groups = ["quotes"]

        async def quote(self, message: dict[str, str]) -> None:
            await self.send(text_data=value_frame("quote_update", message["quote"]))

    batches = market.flushes(market.first_quotes(market.symbols(symbols)), ticks)
    consumer = Consumer.as_asgi()
    publishers: list[asyncio.Task[None]] = []

    async def publish() -> None:
        layer = get_channel_layer()
        due = asyncio.get_running_loop().time()
        for batch in batches:
            due += 1 / market.FLUSHES_PER_SECOND
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            for quote in batch:
                await layer.group_send("quotes", {"type": "quote", "quote": encode_quote_frame(quote)})

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if not publishers:
            publishers.append(asyncio.create_task(publish()))
        await consumer(scope, receive, send)

    _serve_asgi(application, listener, {"ws_per_message_deflate": False})


def _serve_asgi(
    application: Callable[..., Awaitable[None]], listener: socket.socket, options: dict[str, Any]
) -> None:
    config = uvicorn.Config(application, lifespan="off", log_level="warning", access_log=False, **options)
    uvicorn.Server(config).run(sockets=[listener])


def _event_loop(main: Any) -> None:
    import uvloop

    uvloop.run(main)


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("design", choices=["hub", "publisher", "broadcast", "groups"])
    parser.add_argument("--symbols", type=int, required=True)
    parser.add_argument("--ticks", type=int, required=True)
    parser.add_argument("--redis", default="", help="what joins several processes")
    options = parser.parse_args()
    django.setup()
    if options.redis:
        from django.conf import settings

        settings.REDIS_URL = options.redis
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 (how the bench learns the port)
    design = {"hub": serve_hub, "publisher": publish, "broadcast": serve_broadcast, "groups": serve_groups}[
        options.design
    ]
    design(listener, symbols=options.symbols, ticks=options.ticks)


if __name__ == "__main__":
    main()
