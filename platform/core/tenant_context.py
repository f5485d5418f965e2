"""The tenant in force for the running thread or task. Apart from `core.tenancy` because the database backend
needs it before any model can be defined.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

SYSTEM = "*"

_tenant: ContextVar[str] = ContextVar("tenant", default="")


def current_tenant() -> str:
    """The organisation id in force, `*` for the system, or an empty string: then tenant tables read as empty."""
    return _tenant.get()


@contextmanager
def tenant_scope(organisation_id: UUID) -> Iterator[None]:
    """Within the block, the database shows this organisation's rows only."""
    token = _tenant.set(str(organisation_id))
    try:
        yield
    finally:
        _tenant.reset(token)


@contextmanager
def system_scope() -> Iterator[None]:
    """Within the block, the database shows every tenant's rows: for sweepers, feeds, commands and the admin."""
    token = _tenant.set(SYSTEM)
    try:
        yield
    finally:
        _tenant.reset(token)
