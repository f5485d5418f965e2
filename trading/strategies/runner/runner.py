"""The process that drives runs: it claims them, gives each a thread, hands prices on, and keeps the leases."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from uuid import UUID

import msgspec
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from core import streams
from core.bus import get_bus
from core.errors import RetryLater
from core.streams import StreamMessage
from core.tenancy import system_scope
from trading.marketdata.domain.wire import QUOTES_CHANNEL, decode_quotes
from trading.strategies.services.runs.lease import LEASE, lease_release, lease_renew, runs_claim
from trading.strategies.services.runs.moves import RUNS_CHANNEL, run_fail
from trading.strategies.services.runs.rows import LeaseLost

from .thread import RunThread

logger = logging.getLogger(__name__)

MOST_RUNS = 200
_ROUND_SECONDS = 0.5
_CLAIM_SECONDS = 2.0
_RENEW_SECONDS = LEASE.total_seconds() / 3
# A turn that takes longer is a strategy that does not come back: it loops, and holds a thread for good.
STUCK_SECONDS = 60.0
# After trouble with the database a run is not opened again at once.
_AGAIN_SECONDS = 5.0


class Runner:
    """`start`, then `stop`. Several processes may run: each run is driven by one of them at a time."""

    def __init__(self, *, most: int = MOST_RUNS) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self._most = most
        self._threads: dict[UUID, RunThread] = {}
        self._stopping = threading.Event()
        self._bell = threading.Event()
        self._next_claim = self._next_renewal = 0.0
        self._thread = threading.Thread(target=self._rounds, name="strategy-runner", daemon=True)
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Listen, and begin to claim runs."""
        bus = get_bus()
        self._unsubscribe = [
            bus.subscribe(QUOTES_CHANNEL, self._on_quotes),
            bus.subscribe(RUNS_CHANNEL, self._on_run),
            bus.subscribe(streams.CHANNEL, self._on_stream),
        ]
        self._thread.start()

    def stop(self, timeout: float = 20.0) -> None:
        """Let every run finish its turn, and give the leases back."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._stopping.set()
        self._bell.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    @property
    def runs(self) -> list[UUID]:
        """What is driven here."""
        return [run_id for run_id, thread in self._threads.items() if thread.is_alive]

    def _rounds(self) -> None:
        try:
            with system_scope():
                while not self._stopping.is_set():
                    self._round()
                    self._bell.wait(_ROUND_SECONDS)
                    self._bell.clear()
                self._let_go()
        finally:
            connections.close_all()

    def _round(self) -> None:
        close_old_connections()
        try:
            self._reap()
            if time.monotonic() >= self._next_renewal:
                self._renew()
            if time.monotonic() >= self._next_claim:
                self._claim()
        except (RetryLater, DatabaseError, InterfaceError):
            logger.warning("runs wait: the database does not answer", exc_info=True)
            self._next_claim = time.monotonic() + _AGAIN_SECONDS

    def _reap(self) -> None:
        """Forget threads that have ended, and give up runs whose strategy does not come back."""
        for run_id, thread in list(self._threads.items()):
            if not thread.is_alive:
                del self._threads[run_id]
                self._next_claim = max(self._next_claim, time.monotonic() + _ROUND_SECONDS)
            elif thread.stuck_for() > STUCK_SECONDS:
                self._give_up(run_id, thread)

    def _give_up(self, run_id: UUID, thread: RunThread) -> None:
        """The thread cannot be ended; its epoch is, so that it writes and sends nothing when it comes back."""
        logger.error("a strategy does not come back", extra={"run": str(run_id)})
        reason = f"A hook has not come back within {STUCK_SECONDS:.0f} seconds."
        try:
            run_fail(run_id=run_id, epoch=thread.lease.epoch, code="strategy_stuck", reason=reason)
        except LeaseLost:
            logger.warning("the run that was stuck is another's", extra={"run": str(run_id)})
        del self._threads[run_id]

    def _renew(self) -> None:
        self._next_renewal = time.monotonic() + _RENEW_SECONDS
        for thread in list(self._threads.values()):
            if thread.is_alive and not lease_renew(thread.lease):
                thread.ring()

    def _claim(self) -> None:
        self._next_claim = time.monotonic() + _CLAIM_SECONDS
        room = self._most - len(self._threads)
        if room <= 0:
            return
        for lease in runs_claim(holder=self.holder, most=room):
            thread = self._threads[lease.run_id] = RunThread(lease)
            thread.start()

    def _let_go(self) -> None:
        threads = list(self._threads.values())
        for thread in threads:
            thread.stop(0)
        until = time.monotonic() + 10
        for thread in threads:
            if not thread.stop(max(until - time.monotonic(), 0.0)):
                logger.warning("a run did not finish its turn in time", extra={"run": thread.name})
                continue
            lease_release(thread.lease)

    def _on_quotes(self, message: bytes) -> None:
        if self._threads:
            quotes = decode_quotes(message)
            for thread in list(self._threads.values()):
                thread.offer(quotes)

    def _on_run(self, message: bytes) -> None:
        thread = self._threads.get(UUID(hex=message.decode()))
        if thread is not None:
            thread.ring()
            return
        self._next_claim = 0.0
        self._bell.set()

    def _on_stream(self, message: bytes) -> None:
        """An order changed: ring the run whose name it carries, whichever account it is on."""
        if not self._threads or b"orders:" not in message:
            return
        event = _decoder.decode(message)
        if event.stream.startswith("orders:") and event.data.get("strategy"):
            for thread in list(self._threads.values()):
                if str(thread.lease.account_id) == event.data.get("account"):
                    thread.ring()


_decoder = msgspec.msgpack.Decoder(StreamMessage)
