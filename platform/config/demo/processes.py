"""What are separate processes in production, as threads of one: Celery worker and beat, the runner
of strategies, and the web server."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController, state

from core.realtime.server import UVICORN_OPTIONS
from trading.strategies.runner.runner import Runner

_JOIN_SECONDS = 10


@contextmanager
def worker_thread(app: Celery) -> Iterator[None]:
    """A Celery worker on a thread; tasks run in a small pool of further threads."""
    worker = WorkController(
        app=app,
        hostname="demo@localhost",
        pool="threads",
        # Two for the backtests that two organisations may have at work, two for all else.
        concurrency=4,
        loglevel="WARNING",
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )
    thread = threading.Thread(target=worker.start, name="celery-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # WorkController.stop() must run on the worker's own thread; this flag makes its loop do so.
        state.should_terminate = 0  # type: ignore[assignment]
        thread.join(_JOIN_SECONDS)
        state.should_terminate = None


@contextmanager
def beat_thread(app: Celery, directory: Path) -> Iterator[None]:
    """Celery beat on a thread; what ran last is remembered in `directory`."""
    # Named, because the database scheduler would poll SQLite for a schedule that only code changes here.
    service: Any = EmbeddedService(
        app,
        thread=True,
        max_interval=1,
        schedule_filename=str(directory / "beat-schedule"),
        scheduler_cls="celery.beat:PersistentScheduler",
    )
    service.start()
    try:
        yield
    finally:
        service.stop()
        service.join(_JOIN_SECONDS)


@contextmanager
def runs_thread() -> Iterator[None]:
    """What drives the runs of strategies, in this process."""
    runner = Runner()
    runner.start()
    try:
        yield
    finally:
        runner.stop(_JOIN_SECONDS)


class AnnouncingServer(uvicorn.Server):
    """uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._on_ready()


def serve(*, host: str, port: int, on_ready: Callable[[], None]) -> bool:
    """Serve pages, API and sockets until SIGINT or SIGTERM; False when it could not listen."""
    server = AnnouncingServer(
        uvicorn.Config(
            "config.asgi:application",
            host=host,
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            **UVICORN_OPTIONS,
        ),
        on_ready,
    )
    server.run()
    return server.started
