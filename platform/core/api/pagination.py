"""Lists are paged by cursor: stable while rows arrive, and no COUNT over a large table."""

from rest_framework.pagination import CursorPagination


class CursorPage(CursorPagination):
    """`{"next", "previous", "results"}`. Ids are UUIDv7, so `-id` is newest first; views may set `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"
    # A cursor's offset is only for rows that tie on the ordering; a huge one is an attempt to be expensive.
    offset_cutoff = 1000
