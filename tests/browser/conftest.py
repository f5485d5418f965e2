"""A whole demo installation in its own process and a real Chromium in front of it, a pair for each xdist worker.

Which files share a demo, and in which order they come, is the scheduler's choice. So a file neither relies on what
another left behind nor leaves open orders, or positions of the trader, to the next one.
"""

import os
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
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 240
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

# Two pairs share two cores in CI: what takes a second at a desk may take several there.
expect.set_options(timeout=10_000)

OpenPage = Callable[..., Page]
LogIn = Callable[[str], StorageState]


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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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


@pytest.fixture
def open_page(browser: Browser, desk_url: str, log_in: LogIn) -> Iterator[OpenPage]:
    """`open_page("/orders/", user=…, viewport=…, theme=…)`: a page whose console errors fail the test.

    With `user=""` nobody is logged in.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str, *, user: str = TRADER, viewport: dict[str, int] = DESKTOP, theme: str = "dark"
    ) -> Page:
        context = browser.new_context(
            base_url=desk_url,
            storage_state=log_in(user) if user else None,
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(path, message)))
        page.on("pageerror", lambda error: complaints.append(f"{path}: {error}"))
        page.goto(path)
        page.wait_for_load_state("load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints
