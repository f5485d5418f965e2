"""A whole demo installation in its own process and a real Chromium in front of it, a pair for each xdist worker.

Which files share a demo, and in which order they come, is the scheduler's choice. So a file neither relies on what
another left behind nor leaves open orders, or positions of the trader, to the next one.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 420
TEST_SECONDS = 180
PASSWORD = "sauda-demo"
TRADER = "trader@alpha.demo"
# Keys, a second factor and the like want a log-in of the last five minutes.
RECENT_SECONDS = 200
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# HTMX complains when a newer request takes the place of an older one, which is what a live preview does.
REPLACED_REQUEST = ("htmx:sendAbort", "htmx:afterRequest")
# A form that comes back with what is wrong in it: the browser logs the status of the answer.
REFUSED_FORM = "Failed to load resource: the server responded with a status of 422"

# Browser and demo share two cores in CI: what takes a second at a desk may take several there.
expect.set_options(timeout=10_000)

OpenPage = Callable[..., Page]
LogIn = Callable[[str], StorageState]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first waits for the demo, which must not be ended before its own time is up."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(START_SECONDS + TEST_SECONDS))


@dataclass(frozen=True)
class Demo:
    """A running demo: its address, its data folder, and the environment of its commands."""

    url: str
    data: Path
    environment: dict[str, str]

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a management command on the demo's data."""
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A freshly seeded demo."""
    port = _free_port()
    data = tmp_path_factory.mktemp("demo")
    environment = {
        **os.environ,
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    with (data / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process, data / "demo.log")
            yield Demo(f"http://127.0.0.1:{port}", data, environment)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=90)


@pytest.fixture(scope="session")
def desk_url(demo: Demo) -> str:
    """The demo's address."""
    return demo.url


def _free_port() -> int:
    """A port below those of outgoing connections, any of which may take one in the minute before the demo does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{url}/readyz", timeout=2):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    pytest.fail(f"the demo did not become ready:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one that `CHROMIUM` names."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.fail("no Chromium found; .ci/chromium installs one")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def log_in(browser: Browser, desk_url: str) -> LogIn:
    """`log_in("trader@alpha.demo")` gives the state of a log-in, which is shared as long as it is recent."""
    known: dict[str, tuple[float, StorageState]] = {}

    def log_in(email: str) -> StorageState:
        made_at, _ = known.get(email, (float("-inf"), None))
        if time.monotonic() - made_at > RECENT_SECONDS:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{desk_url}/accounts/login/")
            page.get_by_label("E-mail").or_(page.locator("[name=login]")).first.fill(email)
            page.locator("[name=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "login" not in url)
            known[email] = time.monotonic(), context.storage_state()
            context.close()
        return known[email][1]

    return log_in


def _complaint(path: str, message: ConsoleMessage) -> list[str]:
    if message.type != "error" or message.text.startswith((*REPLACED_REQUEST, REFUSED_FORM)):
        return []
    return [f"{path}: {message.text} ({message.location.get('url', '')})"]


class Window:
    """A page in a browser context of its own, and what its console complained of."""

    def __init__(
        self, browser: Browser, url: str, state: StorageState | None, viewport: dict[str, int], theme: str
    ) -> None:
        self.state = state
        self.complaints: list[str] = []
        self._path = ""
        self._context = browser.new_context(
            base_url=url,
            storage_state=state,
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        self.page = self._context.new_page()
        self.page.on("console", lambda message: self.complaints.extend(_complaint(self._path, message)))
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self._path}: {error}"))

    def show(self, path: str) -> Page:
        """Go there, and wait until it is loaded."""
        self._path = path
        self.page.goto(path)
        self.page.wait_for_load_state("load")
        return self.page

    def clear(self) -> None:
        """Leave the page; what it says while it is torn away is not held against the next one."""
        self.page.goto("about:blank")
        self.complaints.clear()

    def close(self) -> None:
        self._context.close()


@pytest.fixture
def open_page(browser: Browser, desk_url: str, log_in: LogIn) -> Iterator[OpenPage]:
    """`open_page("/orders/", user=…, viewport=…, theme=…)`: a page whose console errors fail the test.

    With `user=""` nobody is logged in.
    """
    windows: list[Window] = []

    def open_page(
        path: str, *, user: str = TRADER, viewport: dict[str, int] = DESKTOP, theme: str = "dark"
    ) -> Page:
        windows.append(Window(browser, desk_url, log_in(user) if user else None, viewport, theme))
        return windows[-1].show(path)

    yield open_page
    for window in windows:
        window.close()
    complaints = [each for window in windows for each in window.complaints]
    assert not complaints, complaints


@pytest.fixture(scope="session")
def _kept_windows() -> Iterator[dict[tuple[object, ...], Window]]:
    windows: dict[tuple[object, ...], Window] = {}
    yield windows
    for window in windows.values():
        window.close()


@pytest.fixture
def look_at(
    browser: Browser, desk_url: str, log_in: LogIn, _kept_windows: dict[tuple[object, ...], Window]
) -> Iterator[OpenPage]:
    """As `open_page`, for tests that only look: one window for each user, size and theme goes from page to page.

    A new window starts a process, and loads every script and font anew: most of what such a test would take.
    """
    shown: list[Window] = []

    def look_at(path: str, *, user: str = TRADER, viewport: dict[str, int] = DESKTOP, theme: str = "dark") -> Page:
        state = log_in(user) if user else None
        key = (user, *viewport.values(), theme)
        if key not in _kept_windows or _kept_windows[key].state is not state:
            if key in _kept_windows:
                _kept_windows.pop(key).close()
            _kept_windows[key] = Window(browser, desk_url, state, viewport, theme)
        shown.append(_kept_windows[key])
        return shown[-1].show(path)

    yield look_at
    complaints = [each for window in shown for each in window.complaints]
    for window in shown:
        window.clear()
    assert not complaints, complaints
