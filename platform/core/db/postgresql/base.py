"""Django's PostgreSQL backend, with the tenant of the running context told to the server before each statement.

Row-level security reads the session variable `sauda.tenant`. It is sent only when it differs from what this
physical connection was last told, so a request costs one extra round trip, and a pooled connection that another
tenant used before can never keep that tenant's view.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg.pq import TransactionStatus

from core.db.postgresql.wire import Answer, Wire
from core.tenant_context import current_tenant

_told: WeakKeyDictionary[Connection[Any], str] = WeakKeyDictionary()
_wires: WeakKeyDictionary[Connection[Any], Wire] = WeakKeyDictionary()
# Not SET: a rolled-back transaction would undo it silently. The cache is dropped on rollback below.
_TELL = "SELECT set_config('sauda.tenant', %s, false)"


class _TenantCursor:
    """Sees to the session variable, then passes everything on to the real cursor."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Any:
        return iter(self._cursor)

    def __enter__(self) -> "_TenantCursor":
        self._cursor.__enter__()
        return self

    def __exit__(self, *args: object) -> Any:
        return self._cursor.__exit__(*args)

    def _tell(self) -> None:
        tenant = current_tenant()
        connection = self._cursor.connection
        if _told.get(connection) != tenant:
            connection.execute(_TELL, (tenant,))
            _told[connection] = tenant

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self._tell()
        return self._cursor.execute(*args, **kwargs)

    def executemany(self, *args: Any, **kwargs: Any) -> Any:
        self._tell()
        return self._cursor.executemany(*args, **kwargs)

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        self._tell()
        return self._cursor.copy(*args, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend named by `ENGINE = "core.db.postgresql"`."""

    def create_cursor(self, name: str | None = None) -> Any:
        return _TenantCursor(super().create_cursor(name))

    def run_prepared(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[Answer | None]:
        """Run the statements in one round trip (`core.db.postgresql.wire`), the tenant told with them."""
        self.ensure_connection()
        with self.wrap_database_errors:
            connection, tenant = self.connection, current_tenant()
            wire = _wires.get(connection)
            if wire is None:
                wire = _wires[connection] = Wire(connection)
            if _told.get(connection) == tenant:
                return wire.run(statements)
            _, *answers = wire.run([(_TELL, (tenant,)), *statements])
            _told[connection] = tenant
            return answers

    def _commit(self) -> Any:
        # COMMIT may have gone out with the last writes (`core.db.writes.until_commit`).
        if self.connection is None or self.connection.info.transaction_status != TransactionStatus.IDLE:
            return super()._commit()  # type: ignore[misc]
        return None

    def _rollback(self) -> Any:
        self._forget_tenant()
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._forget_tenant()

    def _close(self) -> None:
        # A pool rolls back what it gets back unfinished, without a word to us. What is finished keeps what it was
        # told: whoever has the connection next compares before the first statement.
        if self.connection is not None and self.connection.info.transaction_status != TransactionStatus.IDLE:
            self._forget_tenant()
        super()._close()  # type: ignore[misc]

    def _forget_tenant(self) -> None:
        # set_config made inside a transaction is undone with it; the next statement must tell it again.
        if self.connection is not None:
            _told.pop(self.connection, None)
