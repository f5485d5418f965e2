"""What one change writes, collected and sent to the database in one round trip.

A filled order touches a dozen tables. Told one statement at a time, it spends most of its time on the way to
PostgreSQL and back, and in the ORM, which compiles each INSERT anew. Inside `together()` rows are only collected;
they go out as a pipeline of prepared statements, in the order in which they were given, when the block ends or
when anything else asks the database, so that nobody reads around them. Outside of it each is written at once: a
service need not know how it is called.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

from core.db.columns import Column, columns_of
from core.db.pipeline import Answer, Statement, run_all

# So many rows are written out one by one; a statement for each number of them that occurs stays with the server.
_IN_VALUES = 24
COMMIT = "COMMIT"

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
    with _collected() as batch:
        yield
        _close(batch)
        _send(batch)


@contextmanager
def until_commit() -> Iterator[None]:
    """A transaction that is one block of `together`; what is sent last of it leaves in one round trip with COMMIT.

    Inside another transaction, which commits for itself, it is a savepoint and a block.
    """
    with transaction.atomic(), together():
        batch = _batch.get()
        yield
        if batch is not None and _ends_with(batch):
            _close(batch)
            if batch.statements:
                run(COMMIT, ())
                _send(batch)


def _ends_with(batch: _Batch) -> bool:
    """Whether the transaction that runs ends with this block, so that COMMIT may go out with its last writes."""
    begun_here = connection.commit_on_exit and not connection.savepoint_ids
    return begun_here and connection.vendor == "postgresql" and not connection.needs_rollback


@contextmanager
def _collected() -> Iterator[_Batch]:
    batch = _Batch()
    token = _batch.set(batch)
    try:
        with connection.execute_wrapper(_after_what_is_collected):
            yield batch
    finally:
        _batch.reset(token)


def _close(batch: _Batch) -> None:
    """Do what was to be done last; the writes of that may still be on their way."""
    closing, batch.closing = batch.closing, []
    for effect in closing:
        effect()


def insert(*rows: models.Model) -> None:
    """Insert rows, neighbours of one model in one statement.

    A key that the database gives is not read back, and signals are not sent.
    """
    database = connections[DEFAULT_DB_ALIAS]
    for model, group in groupby(rows, key=type):
        neighbours = list(group)
        columns = columns_of(model, database.vendor)
        values = [[column.value(row, database, adding=True) for row in neighbours] for column in columns]
        if len(neighbours) > _IN_VALUES and database.vendor == "postgresql":
            run(_insertion_of_arrays(model), values)
        else:
            by_row = zip(*values, strict=True)
            run(_insertion(model, len(neighbours)), [value for row in by_row for value in row])
        for row in neighbours:
            row._state.adding = False
            row._state.db = DEFAULT_DB_ALIAS


def insert_alike(model: type[models.Model], common: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have most of their columns in common, without an instance for each.

    `common` and each of `rows`, which name the same columns and hold JSON's own types, together say every column by
    its attribute. On PostgreSQL the rows travel as one document.
    """
    if not rows:
        return
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        insert(*(model(**common, **row) for row in rows))
        return
    run(_insertion_of_document(model, tuple(common), tuple(rows[0])), [*common.values(), json.dumps(rows)])


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
    """Do something behind all else of the block, such as taking a lock that many wait for."""
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


def forget_answers() -> None:
    """Let what was asked ahead be asked again: another lock has been waited for since."""
    if (ahead := _ahead.get()) is not None:
        ahead.clear()


def answers_ahead() -> dict[Any, Answer] | None:
    """The answers kept for the block that runs, None outside of one."""
    return _ahead.get()


def sent_with(questions: Sequence[Statement]) -> list[Answer]:
    """Send what has been collected so far and the questions behind it, in one round trip; their answers."""
    return _send(_batch.get() or _Batch(), questions)


def _send(batch: _Batch, questions: Sequence[Statement] = ()) -> list[Answer]:
    statements, batch.statements = batch.statements, []
    effects, batch.then = batch.then, []
    if not statements and not questions:
        return []
    if statements:
        forget_answers()
    answers = [answer or [] for answer in run_all([*statements, *questions])]
    for then, answer in zip(effects, answers, strict=False):
        if then is not None:
            then(answer)
    return answers[len(statements) :]


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
def _insertion_of_document(model: type[models.Model], common: tuple[str, ...], own: tuple[str, ...]) -> str:
    columns = {column.field.attname: column for column in columns_of(model, connection.vendor)}
    names = ", ".join(f'"{columns[name].name}"' for name in (*common, *own))
    told = ", ".join(f"%s::{columns[name].type}" for name in common)
    kinds = ", ".join(f'"{name}" {columns[name].type}' for name in own)
    rows = f"jsonb_to_recordset(%s) AS row_of ({kinds})"
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {told}, row_of.* FROM {rows}'


@cache
def _change(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[str, tuple[Column, ...]]:
    """The statement and the columns of its parameters, the key last."""
    by_name = {column.field_name: column for column in columns_of(model, vendor, with_key=True)}
    changed = tuple(by_name[name] for name in names)
    assigned = ", ".join(f'"{column.name}" = %s' for column in changed)
    key = by_name[model._meta.pk.name]
    return f'UPDATE "{model._meta.db_table}" SET {assigned} WHERE "{key.name}" = %s', (*changed, key)
