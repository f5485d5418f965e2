"""What the frame around every page shows. Lazy: a partial that never draws the frame costs nothing."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.frame import frame_for

THEMES = ("dark", "light")


def desk(request: HttpRequest) -> dict[str, object]:
    """`desk`, the frame's data, evaluated on first use, and `theme`, the reader's stored choice or ''."""
    theme = request.COOKIES.get("theme", "")
    return {
        "desk": SimpleLazyObject(lambda: frame_for(request)),
        "theme": theme if theme in THEMES else "",
    }
