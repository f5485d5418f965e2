"""Finding the view of an address that was asked for before."""

from functools import lru_cache

from django.urls import ResolverMatch, URLResolver

REMEMBERED = 4096


class RememberingResolver(URLResolver):
    """Remembers where the latest addresses led; what an address leads to is settled when the process starts.

    Addresses that lead nowhere are searched for each time, so that nonsense drives nothing out.
    """

    def __init__(self, searched: URLResolver) -> None:
        super().__init__(
            searched.pattern,
            searched.urlconf_name,
            searched.default_kwargs,
            searched.app_name,
            searched.namespace,
        )
        self._find = lru_cache(maxsize=REMEMBERED)(self._search)

    def resolve(self, path: str) -> ResolverMatch:
        """The view and its arguments; raises Resolver404 like any resolver."""
        return self._find(path)

    def _search(self, path: str) -> ResolverMatch:
        found = super().resolve(path)
        # It does not have to be found: an address of another beginning is None, whatever the stubs say.
        if found is not None:
            # What else was tried, which only a debug page shows; it would be copied at every request.
            found.tried = None
        return found


def remembered(searched: URLResolver) -> RememberingResolver:
    """The same addresses with a memory, as in `remembered(path("api/", include(...)))`."""
    return RememberingResolver(searched)
