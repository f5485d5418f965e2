"""What the frame around every page shows. Lazy: a partial that never draws the frame costs nothing."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

THEMES = ("dark", "light")


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One place on the rail. `views` are the prefixes of view names that light it up."""

    label: str
    icon: str
    url_name: str
    views: tuple[str, ...]
    on_phone: bool = True


NAVIGATION = (
    NavigationItem("Dashboard", "home", "analytics:dashboard", ("analytics:",)),
    NavigationItem("Watchlist", "eye", "alerts:watchlist", ("alerts:",)),
    NavigationItem("Chart", "chart", "marketdata:chart_home", ("marketdata:",)),
    NavigationItem("Orders", "list", "orders:list", ("orders:",)),
    NavigationItem("Positions", "layers", "portfolio:positions", ("portfolio:",)),
    NavigationItem("Risk", "shield", "riskmgmt:risk", ("riskmgmt:",), on_phone=False),
)
SETTINGS = NavigationItem("Settings", "gear", "accounts:profile", ("accounts:",), on_phone=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation item as the rail draws it."""

    label: str
    icon: str
    url: str
    is_current: bool
    on_phone: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything the frame draws for one request."""

    navigation: tuple[Link, ...]
    settings: Link | None


def desk(request: HttpRequest) -> dict[str, object]:
    """`desk`, the frame's data, evaluated on first use, and `theme`, the reader's stored choice or ''."""
    theme = request.COOKIES.get("theme", "")
    return {
        "desk": SimpleLazyObject(lambda: _frame(request)),
        "theme": theme if theme in THEMES else "",
    }


def _frame(request: HttpRequest) -> Frame:
    match = request.resolver_match
    view_name = match.view_name if match else ""
    links = [_link(item, view_name) for item in NAVIGATION]
    return Frame(navigation=tuple(link for link in links if link is not None), settings=_link(SETTINGS, view_name))


def _link(item: NavigationItem, view_name: str) -> Link | None:
    try:
        url = reverse(item.url_name)
    except NoReverseMatch:
        return None
    return Link(item.label, item.icon, url, view_name.startswith(item.views), item.on_phone)
