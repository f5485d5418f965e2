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
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from core.db.columns import Column, columns_of
from core.db.pipeline import Answer, Statement, run_all

Then = Callable[[Answer], None]


@dataclass(slots=True)
class _Batch:
    statements: list[Statement] = field(default_factory=list)
    then: list[Then | None] = field(default_factory=list)
    closing: list[Callable[[], object]] = field(default_factory=list)


_batch: ContextVar[_Batch | None] = ContextVar("sauda_writes", default=None)
_ahead: ContextVar[dict[Any, Answer] | None] = ContextVar("sauda_answers_ahead", default=None)


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
            _send(batch)
            for effect in batch.closing:
                effect()
            _send(batch)
    finally:
        _batch.reset(token)


def insert(*rows: models.Model) -> None:
    """Insert rows, neighbours of one model in one statement.

    A key that the database gives is not read back, and signals are not sent.
    """
    database = connections[DEFAULT_DB_ALIAS]
    for model, group in groupby(rows, key=type):
        neighbours = list(group)
        columns = columns_of(model, database.vendor)
        values = [[column.value(row, database, adding=True) for row in neighbours] for column in columns]
        if len(neighbours) > 1 and database.vendor == "postgresql":
            run(_insertion_of_arrays(model), values)
        else:
            by_row = zip(*values, strict=True)
            run(_insertion(model, len(neighbours)), [value for row in by_row for value in row])
        for row in neighbours:
            row._state.adding = False
            row._state.db = DEFAULT_DB_ALIAS


def update(row: models.Model, names: Sequence[str]) -> None:
    """Write the named fields of a row that exists, found by its primary key."""
    database = connections[DEFAULT_DB_ALIAS]
    sql, columns = _change(type(row), tuple(names), database.vendor)
    run(sql, [column.value(row, database, adding=False) for column in columns])


def run(sql: str, parameters: Sequence[Any], then: Then | None = None) -> None:
    """Any other statement; `then` is given its rows once it has been sent."""
    batch = _batch.get() or _Batch()
    batch.statements.append(Statement(sql, parameters))
    batch.then.append(then)
    if batch is not _batch.get():
        _send(batch)


def call_last(effect: Callable[[], object]) -> None:
    """Do something after all else of the block has been sent, such as taking a lock that many wait for."""
    batch = _batch.get()
    if batch is None:
        effect()
    else:
        batch.closing.append(effect)


def send() -> None:
    """Send what has been collected so far. Every question to the database does so first."""
    batch = _batch.get()
    if batch is not None:
        _send(batch)


def _after_what_is_collected(execute: Callable[..., Any], *arguments: Any) -> Any:
    send()
    return execute(*arguments)


@contextmanager
def answered_ahead(answers: dict[Any, Answer]) -> Iterator[None]:
    """Keep answers for whoever asks the same in the block (`core.db.prepared`), until a write is sent."""
    token = _ahead.set(answers)
    try:
        yield
    finally:
        _ahead.reset(token)


def answers_ahead() -> dict[Any, Answer] | None:
    """The answers kept for the block that runs, None outside of one."""
    return _ahead.get()


def _send(batch: _Batch) -> None:
    statements, batch.statements = batch.statements, []
    effects, batch.then = batch.then, []
    if not statements:
        return
    if (ahead := _ahead.get()) is not None:
        ahead.clear()
    for then, answer in zip(effects, run_all(statements), strict=True):
        if then is not None:
            then(answer or [])


@cache
def _insertion(model: type[models.Model], rows: int) -> str:
    columns = columns_of(model, connection.vendor)
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = f"({', '.join(['%s'] * len(columns))})"
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {", ".join([values] * rows)}'


@cache
def _insertion_of_arrays(model: type[models.Model]) -> str:
    """One array a column, so that the statement is the same however many rows there are."""
    columns = columns_of(model, connection.vendor)
    names = ", ".join(f'"{column.name}"' for column in columns)
    arrays = ", ".join(f"%s::{column.type}[]" for column in columns)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT * FROM unnest({arrays})'


@cache
def _change(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[str, tuple[Column, ...]]:
    """The statement and the columns of its parameters, the key last."""
    by_name = {column.field_name: column for column in columns_of(model, vendor, with_key=True)}
    changed = tuple(by_name[name] for name in names)
    assigned = ", ".join(f'"{column.name}" = %s' for column in changed)
    key = by_name[model._meta.pk.name]
    return f'UPDATE "{model._meta.db_table}" SET {assigned} WHERE "{key.name}" = %s', (*changed, key)
