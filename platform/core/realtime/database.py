"""Database work of sockets: on a few threads of its own, so that a thousand reconnecting clients share a handful of
connections and queue here, not in the pages' pool."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar
from uuid import UUID

from channels.db import database_sync_to_async

from core.tenancy import tenant_scope

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4

_executor = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="socket-db")


async def in_database(work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run blocking work on a socket thread, in the tenant scope it enters itself."""
    call = database_sync_to_async(work, thread_sensitive=False, executor=_executor)
    result: R = await call(*args, **kwargs)
    return result


async def in_tenant(organisation_id: UUID, work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The same, inside the scope of one organisation."""

    def scoped() -> R:
        with tenant_scope(organisation_id):
            return work(*args, **kwargs)

    return await in_database(scoped)
