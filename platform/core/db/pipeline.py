"""Several statements in one round trip: a pipeline of prepared statements on PostgreSQL, one by one elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import connection

if TYPE_CHECKING:
    from core.db.postgresql.base import DatabaseWrapper

Answer = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters in Django's manner (`%s`)."""

    sql: str
    parameters: Sequence[Any]


def run_all(statements: Sequence[Statement]) -> list[Answer | None]:
    """Run the statements in order; the rows of each, None for one that returns none.

    The first that fails raises Django's error for it, and none behind it runs.
    """
    if connection.vendor == "postgresql":
        return _pipelined(statements)
    with connection.cursor() as cursor:
        return [_one(cursor, statement) for statement in statements]


def _one(cursor: Any, statement: Statement) -> Answer | None:
    cursor.execute(statement.sql, [_without_uuid(value) for value in statement.parameters])
    return None if cursor.description is None else cursor.fetchall()


def _without_uuid(value: Any) -> Any:
    """SQLite stores a UUID as its hexadecimal digits; model fields have done so already."""
    return value.hex if isinstance(value, UUID) else value


def _pipelined(statements: Sequence[Statement]) -> list[Answer | None]:
    database = cast("DatabaseWrapper", connection)
    answers = database.run_prepared([(each.sql, each.parameters) for each in statements])
    if database.queries_logged:
        # One entry a round trip, which is what a page or an order has to be sparing of.
        database.queries_log.append({"sql": ";\n".join(each.sql for each in statements), "time": "0"})
    return answers
