"""How uvicorn must run to carry sockets: bounded buffers, no per-socket compressor, a close that cannot jam."""

import logging
import socket
from asyncio import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# A stalled client fills these first, and only then is known to be stalled: large buffers hide it for minutes.
KERNEL_BUFFER_BYTES = 64 * 1024
WRITE_BUFFER_BYTES = 32 * 1024
# How long a jammed client has to read the close frame before its connection is cut.
LINGER_SECONDS = 10.0

# At INFO, uvicorn writes the path of each socket with its query, and that holds the ticket.
_logger = logging.getLogger("uvicorn.error.sockets")
_logger.setLevel(logging.WARNING)


class BoundedSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol with small buffers."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Called by the loop when a client connects."""
        super().connection_made(transport)
        self.logger = _logger
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)

    async def send(self, message: Any) -> None:
        """As in uvicorn, but closing does not wait for a client that does not read."""
        if message["type"] == "websocket.close" and not self.writable.is_set():
            self.writable.set()
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        await super().send(message)


# For uvicorn.Config and uvicorn.run; platform/deploy says the same as flags. Deflating a frame anew for each of a
# thousand clients would cost more than everything else together.
UVICORN_OPTIONS: dict[str, Any] = {
    "ws": BoundedSocketProtocol,
    "ws_max_size": 256 * 1024,
    "ws_ping_interval": 25.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,
}
