"""Single commands to Redis on a connection that a thread keeps, for what every request asks.

redis-py takes a connection from a pool for each command, looks whether it is alive, wraps it in a retry policy and
counts it: three times the processor time of the exchange itself.
"""

import os
import threading
from typing import Any

from hiredis import pack_command
from redis.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError


class RedisWire:
    """Connections made as `pool` makes them, one a thread."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._own = threading.local()

    def ask(self, *command: str | bytes | int) -> Any:
        """The server's plain answer; raises redis-py's errors.

        A connection that the server has closed in the meantime is made anew, once, and the command sent again: what
        is sent this way may happen twice without harm, as a count that is one too high.
        """
        connection, is_new = self._connection()
        try:
            return _exchange(connection, command)
        except ConnectionLost:
            if is_new:
                raise
        return _exchange(connection, command)

    def _connection(self) -> tuple[AbstractConnection, bool]:
        pid = os.getpid()
        # A fork inherits the variable, and must not speak on its parent's connection.
        if getattr(self._own, "pid", None) != pid:
            # Not by the pool, which would count those of threads that have ended.
            self._own.connection = self._pool.connection_class(**self._pool.connection_kwargs)
            self._own.pid = pid
            return self._own.connection, True
        return self._own.connection, not self._own.connection.is_connected


def _exchange(connection: AbstractConnection, command: tuple[str | bytes | int, ...]) -> Any:
    try:
        # Connects where there is no connection.
        packed = pack_command(command)  # type: ignore[arg-type]  # its stub knows of one word only
        connection.send_packed_command([packed], check_health=False)  # type: ignore[no-untyped-call]
        return connection.read_response()
    except ResponseError:
        raise
    except BaseException:
        # An answer may still be on its way, and would be taken for the next command's.
        connection.disconnect()  # type: ignore[no-untyped-call]
        raise
