"""How a page of the moment looks, on a narrow phone in the light and at a desk in the dark."""

from playwright.sync_api import Page

from .conftest import DESKTOP
from .test_pages import AXE, NARROW, _axe_violations, _width


def look_over(page: Page) -> None:
    """Axe finds nothing and nothing overflows, in either theme."""
    for viewport, theme in ((NARROW, "light"), (DESKTOP, "dark")):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.wait_for_timeout(200)
        assert _width(page) <= viewport["width"], f"{page.url} on {theme}"
        assert _axe_violations(page, AXE) == [], f"{page.url} on {theme}"
