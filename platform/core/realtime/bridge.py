"""From the bus, whose callbacks run on its own thread, to the loop that the sockets live on."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from core.bus import Unsubscribe, get_bus

T = TypeVar("T")


def follow_bus(channel: str, decode: Callable[[bytes], T | None], handle: Callable[[T], None]) -> Unsubscribe:
    """Call `handle` on the running loop with each decoded message.

    `decode` runs on the bus thread, which spares the loop; what it answers with None is left out.
    """
    loop = asyncio.get_running_loop()

    def receive(message: bytes) -> None:
        value = decode(message)
        if value is None:
            return
        try:
            loop.call_soon_threadsafe(handle, value)
        except RuntimeError:
            # The loop was closed, so no socket is left to tell.
            unsubscribe()

    unsubscribe = get_bus().subscribe(channel, receive)
    return unsubscribe
