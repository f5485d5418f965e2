"""The servers under test, each a real one in processes of its own on the loopback address."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError

from config.benches.processes import cpu_seconds
from config.settings.environment import ROOT

START_SECONDS = 60.0
STOP_SECONDS = 10.0
_SETTINGS = {"web": "config.benches.http.settings", "plain": "config.benches.http.plain_settings"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and its workers."""

    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def cpu_seconds(self) -> float:
        """Processor time used so far by all its processes (Linux)."""
        pid = self.process.pid
        return sum(cpu_seconds(each) for each in [pid, *_children(pid)])


def bench_environment(services: dict[str, str], *, workers: int) -> dict[str, str]:
    """Production's environment on the scratch services."""
    return {
        **os.environ,
        **services,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        "DJANGO_SETTINGS_MODULE": _SETTINGS["web"],
        "SECRET_KEY": "bench-only-" + "0" * 40,
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "LOG_LEVEL": "WARNING",
        "WEB_WORKERS": str(workers),
    }


def python_output(module: str, environment: dict[str, str]) -> str:
    """What `python -m module` prints."""
    done = subprocess.run(
        [sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"{module} failed; see its output above.")
    return done.stdout


@contextmanager
def started_servers(names: Iterable[str], environment: dict[str, str]) -> Iterator[dict[str, Server]]:
    """The named servers, answering; stopped afterwards."""
    with ExitStack() as stack:
        started = {name: stack.enter_context(_started(name, environment)) for name in sorted(names)}
        for server in started.values():
            _wait_until_answering(server)
        yield started


@contextmanager
def _started(name: str, environment: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    its_environment = {**environment, "WEB_BIND": f"127.0.0.1:{port}"}
    if name in _SETTINGS:
        its_environment["DJANGO_SETTINGS_MODULE"] = _SETTINGS[name]
    process = subprocess.Popen(_command(name, port), env=its_environment, cwd=ROOT)
    try:
        yield Server(port, process, environment)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(name: str, port: int) -> list[str]:
    if name == "hello":
        return [
            *(sys.executable, "-m", "uvicorn", "config.benches.http.hello:application", "--port", str(port)),
            *("--lifespan", "off", "--no-access-log", "--log-level", "warning"),
        ]
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "platform/deploy/gunicorn.conf.py"]
    return [*gunicorn, "--log-level", "warning", "config.wsgi:application"]


def _wait_until_answering(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=START_SECONDS).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CommandError("A server did not start; see its output above.")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
