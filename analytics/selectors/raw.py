"""Rows as the database's driver gives them, for reads of tens of thousands: the ORM's conversions cost more there
than what is made of them.

PostgreSQL's driver gives instants, ids and decimals as such, and they pass through. SQLite's gives moments without
a zone, texts and floats; these are read to exactly what the ORM's own fields make of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

_AT_ONCE = 2_000
# As Django reads a float of SQLite: fifteen digits, then to the column's places.
_FLOATS = Context(prec=15)
_PRICE_PLACES = Decimal("0.0001")


def raw_rows(rows: QuerySet[Any, tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows of a `values_list`, unconverted; tenant filters and order are the query's own."""
    try:
        statement, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement, parameters)
        while found := cursor.fetchmany(_AT_ONCE):
            yield from found


def instant(value: datetime) -> datetime:
    """An aware moment in UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def id_text(value: Any) -> str:
    """A UUID in its usual form with hyphens."""
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value)


def id_of(value: Any) -> UUID:
    """A UUID."""
    return value if isinstance(value, UUID) else UUID(value)


def price_of(value: Any) -> Decimal:
    """A price of four decimals, as stored."""
    if isinstance(value, Decimal):
        return value
    return _FLOATS.create_decimal_from_float(value).quantize(_PRICE_PLACES, context=_FLOATS)
