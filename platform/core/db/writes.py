"""What one change writes, collected and sent to the database in one round trip.

A filled order touches a dozen tables. Told one statement at a time, it spends most of its time on the way to
PostgreSQL and back, and in the ORM, which compiles each INSERT anew. Inside `together()` rows are only collected;
they go out as a pipeline of prepared statements, in the order in which they were given, when the block ends or
when anything else asks the database, so that nobody reads around them. Outside of it each is written at once: a
service need not know how it is called.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import connection, models

if TYPE_CHECKING:
    from core.db.postgresql.base import DatabaseWrapper

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: Sequence[Any]
    then: Callable[[Rows], None] | None


@dataclass(slots=True)
class _Batch:
    statements: list[_Statement] = field(default_factory=list)
    closing: list[Callable[[], object]] = field(default_factory=list)


_batch: ContextVar[_Batch | None] = ContextVar("sauda_writes", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Collect the writes of the block and send them at its end; joins a block around it.

    Must run inside a transaction. A block that raises sends nothing more. A broken constraint is raised where the
    writes are sent, as Django's `IntegrityError`.
    """
    if _batch.get() is not None:
        yield
        return
    if not connection.in_atomic_block:
        raise RuntimeError("writes that belong together belong in one transaction")
    batch = _Batch()
    token = _batch.set(batch)
    try:
        with connection.execute_wrapper(_after_what_is_collected):
            yield
            _send_collected()
            for effect in batch.closing:
                effect()
            _send_collected()
    finally:
        _batch.reset(token)


def insert(*rows: models.Model) -> None:
    """Insert rows. A key that the database gives is not read back, signals are not sent."""
    for row in rows:
        sql, fields = _insertion(type(row))
        run(sql, [each.get_db_prep_save(each.pre_save(row, True), connection) for each in fields])
        row._state.adding = False
        row._state.db = connection.alias


def update(row: models.Model, names: Sequence[str]) -> None:
    """Write the named fields of a row that exists, found by its primary key."""
    sql, fields = _change(type(row), tuple(names))
    run(sql, [each.get_db_prep_save(each.pre_save(row, False), connection) for each in fields])


def run(sql: str, parameters: Sequence[Any], then: Callable[[Rows], None] | None = None) -> None:
    """Any other statement; `then` is given its rows once it has been sent."""
    batch = _batch.get()
    statement = _Statement(sql, parameters, then)
    if batch is None:
        _send([statement])
    else:
        batch.statements.append(statement)


def call_last(effect: Callable[[], object]) -> None:
    """Do something after all else of the block has been sent, such as taking a lock that many wait for."""
    batch = _batch.get()
    if batch is None:
        effect()
    else:
        batch.closing.append(effect)


def _after_what_is_collected(execute: Callable[..., Any], *arguments: Any) -> Any:
    _send_collected()
    return execute(*arguments)


def _send_collected() -> None:
    batch = _batch.get()
    if batch is not None and batch.statements:
        statements, batch.statements = batch.statements, []
        _send(statements)


def _send(statements: Sequence[_Statement]) -> None:
    if connection.vendor == "postgresql":
        _send_pipelined(statements)
        return
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.sql, [_without_uuid(value) for value in statement.parameters])
            if statement.then is not None:
                statement.then(cursor.fetchall())


def _without_uuid(value: Any) -> Any:
    """SQLite stores a UUID as its hexadecimal digits; model fields have done so already."""
    return value.hex if isinstance(value, UUID) else value


def _send_pipelined(statements: Sequence[_Statement]) -> None:
    database = cast("DatabaseWrapper", connection)
    database.ensure_connection()
    with database.wrap_database_errors:
        with database.connection.pipeline():
            cursors = [database.binding_cursor() for _ in statements]
            for cursor, statement in zip(cursors, statements, strict=True):
                cursor.execute(statement.sql, statement.parameters)
        for cursor, statement in zip(cursors, statements, strict=True):
            if statement.then is not None:
                statement.then(cursor.fetchall())
    if database.queries_logged:
        database.queries_log.extend({"sql": statement.sql, "time": "0"} for statement in statements)


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(each for each in model._meta.concrete_fields if not isinstance(each, models.AutoField))
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values})', fields


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement and the fields of its parameters, the key last."""
    fields = {each.name: each for each in model._meta.concrete_fields}
    changed = tuple(fields[name] for name in names)
    columns = ", ".join(f'"{each.column}" = %s' for each in changed)
    key = model._meta.pk
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{key.column}" = %s', (*changed, key)
