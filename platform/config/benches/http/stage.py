"""A database and a Redis that the bench may fill: embedded ones, or beside what DATABASE_URL and REDIS_URL name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import redis
from django.core.management.base import CommandError
from psycopg import sql

SCRATCH = "sauda_bench_http"


@contextmanager
def scratch_services() -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of empty services, emptied again or stopped afterwards."""
    try:
        # A development dependency: a deployed installation names its services instead.
        from tests.services import provide_services
    except ImportError as missing:
        raise CommandError("Run this in a checkout, or set DATABASE_URL and REDIS_URL.") from missing
    stops = provide_services()
    try:
        with _database(os.environ["DATABASE_URL"]) as database_url, _cache(os.environ["REDIS_URL"]) as redis_url:
            yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    finally:
        for stop in stops:
            stop()


@contextmanager
def scratch_redis() -> Iterator[str]:
    """REDIS_URL of an empty Redis: the one that the environment names, else one of its own."""
    try:
        from tests.services import start_redis
    except ImportError as missing:
        raise CommandError("Run this in a checkout, or set REDIS_URL.") from missing
    if "REDIS_URL" in os.environ:
        with _cache(os.environ["REDIS_URL"]) as url:
            yield url
        return
    server, stop = start_redis()
    try:
        yield f"{server}/0"
    finally:
        stop()


@contextmanager
def _database(url: str) -> Iterator[str]:
    """A scratch database beside the one named; its role must be allowed to create one."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(SCRATCH))
    with psycopg.connect(url, autocommit=True) as beside:
        beside.execute(drop)
        beside.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(SCRATCH)))
        try:
            yield urlsplit(url)._replace(path=f"/{SCRATCH}").geturl()
        finally:
            beside.execute(drop)


@contextmanager
def _cache(url: str) -> Iterator[str]:
    """The Redis database named, which must be empty: it is emptied afterwards."""
    with redis.Redis.from_url(url) as client:
        if client.dbsize():
            raise CommandError(f"{urlsplit(url).path or url} in Redis is in use; name an empty database.")
        try:
            yield url
        finally:
            client.flushdb()
