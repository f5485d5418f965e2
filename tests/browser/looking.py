"""How a page of the moment looks: whether it is whole, whether it fits, and what axe says to it."""

from playwright.sync_api import Page

from .conftest import DESKTOP, ROOT

NARROW = {"width": 360, "height": 740}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# The parts that a page asks for by itself have come, its chart is drawn.
WHOLE = """() => document.readyState === "complete"
  && !document.querySelector(".skeleton, .htmx-request")
  && (document.getElementById("chart")?.hasAttribute("data-ready") ?? true)"""
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def settle(page: Page) -> None:
    """Wait until a page is whole, and was painted so."""
    page.wait_for_function(WHOLE)
    page.evaluate(TWO_FRAMES)


def width(page: Page) -> int:
    """How wide the content is, in pixels, whether it is seen or not."""
    found: int = page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.getElementById('work').scrollWidth)"
    )
    return found


def axe_violations(page: Page) -> list[str]:
    """What axe holds against the page as it stands."""
    if not page.evaluate("'axe' in window"):
        # Through the debugger, not a script element: the page's own policy stays in force.
        page.evaluate(AXE.read_text())
    # Of what passes only the number is of interest, which spares axe the describing of it.
    report = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", WCAG)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


def look_over(page: Page) -> None:
    """Axe finds nothing and nothing overflows, in either theme."""
    for viewport, theme in ((NARROW, "light"), (DESKTOP, "dark")):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settle(page)
        assert width(page) <= viewport["width"], f"{page.url} on {theme}"
        assert axe_violations(page) == [], f"{page.url} on {theme}"
