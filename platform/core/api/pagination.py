"""Lists are paged by cursor: stable while rows arrive, and no COUNT over a large table."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


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
