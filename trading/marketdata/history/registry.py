"""The sources that settings name."""

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import InvalidInput

from .port import HistorySource


def history_source_names() -> list[str]:
    """The names of `settings.HISTORY_SOURCES`, the first of which is asked when none is named."""
    return list(settings.HISTORY_SOURCES)


def history_source(name: str) -> HistorySource:
    """A source by its name; raises InvalidInput for one that is not known or not set up here."""
    path = settings.HISTORY_SOURCES.get(name)
    if path is None:
        known = ", ".join(history_source_names()) or "none"
        raise InvalidInput(
            f"There is no history source {name!r} here, only: {known}.", code="unknown_history_source"
        )
    source: HistorySource = import_string(path)()
    return source
