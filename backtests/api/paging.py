"""Pages of rows that lie in an array: the cursor is the place of the first."""

from collections.abc import Callable, Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.reading import query_of

from ..serializers.results import RowsQuery

Rows = Callable[[int, int], Iterable[dict[str, Any]]]


def rows_page(request: Request, count: int, rows: Rows) -> Response:
    """`{next, previous, count, results}` of the rows from the cursor on; `rows` makes those from one place to
    another."""
    asked = query_of(request, RowsQuery)
    start, limit = asked["cursor"], asked["limit"]
    return Response(
        {
            "next": _link(request, start + limit, limit) if start + limit < count else None,
            "previous": _link(request, max(start - limit, 0), limit) if start > 0 else None,
            "count": count,
            "results": list(rows(start, start + limit)),
        }
    )


def _link(request: Request, cursor: int, limit: int) -> str:
    asked = request.query_params.copy()
    asked["cursor"], asked["limit"] = str(cursor), str(limit)
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")
