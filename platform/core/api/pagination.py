"""Lists are paged by cursor: stable while rows arrive, and no COUNT over a large table."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

Row = TypeVar("Row")


class FromTheStart(Generic[Row]):
    """What `CursorPage` may page through in place of a queryset, as long as no cursor leads further in.

    `fetch(most)` gives the first rows, in the page's own ordering and as many at most: by a query that is compiled
    once a page size, where a queryset would be compiled at every call.
    """

    def __init__(self, fetch: Callable[[int], list[Row]]) -> None:
        self._fetch = fetch

    @staticmethod
    def is_asked_for(request: Request) -> bool:
        """Whether the query string neither narrows the list nor leads into it."""
        return request.query_params.keys() <= {CursorPage.page_size_query_param}

    def order_by(self, *ordering: str) -> Self:
        """Nothing to do: the rows come in the page's ordering."""
        return self

    def __getitem__(self, wanted: slice) -> list[Row]:
        return self._fetch(wanted.stop)


class CursorPage(CursorPagination):
    """`{"next", "previous", "results"}`. Ids are UUIDv7, so `-id` is newest first; views may set `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"
    # A cursor's offset is only for rows that tie on the ordering; a huge one is an attempt to be expensive.
    offset_cutoff = 1000

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The rows of the page that the cursor names; NotFound for a cursor that never was one of this list's."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:
            if self.cursor_query_param not in request.query_params:
                raise
            raise NotFound(self.invalid_cursor_message) from error
