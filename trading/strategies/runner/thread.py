"""A run on a thread of its own: prices wait for it, it waits for nobody, and what goes wrong stays with it."""

import logging
import threading
import time
from collections.abc import Iterable

from django.db import DatabaseError, DataError, InterfaceError, close_old_connections, connections
from redis.exceptions import RedisError

from core.errors import RetryLater, SaudaError
from core.tenancy import tenant_scope
from trading.marketdata.domain.quote import Quote
from trading.strategies.domain.host import StrategyFailed
from trading.strategies.services.runs.lease import Lease, lease_release
from trading.strategies.services.runs.moves import run_fail
from trading.strategies.services.runs.rows import LeaseLost

from .driver import RunDriver

logger = logging.getLogger(__name__)

# Without a price or a bell a turn is taken so often: times that a strategy asked for are kept to that.
_TURN_SECONDS = 0.25
_OUTAGES = (RetryLater, DatabaseError, InterfaceError, RedisError, OSError)


class RunThread:
    """Drives one run until it is over, its lease is lost, or it failed. Latest prices wait, one an instrument."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.name = str(lease.run_id)
        self.symbols: set[str] = set()
        self.busy_since: float | None = time.monotonic()
        self._pending: dict[str, Quote] = {}
        self._rung = False
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"run-{lease.run_id}", daemon=True)

    def start(self) -> None:
        """Begin to drive."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def offer(self, quotes: Iterable[Quote]) -> None:
        """Remember these as the latest; never blocks on the strategy."""
        wanted = [quote for quote in quotes if quote.key in self.symbols]
        if wanted:
            with self._changed:
                self._pending.update((quote.key, quote) for quote in wanted)
                self._changed.notify()

    def ring(self) -> None:
        """Something happened to the run's row or orders."""
        with self._changed:
            self._rung = True
            self._changed.notify()

    def stop(self, timeout: float) -> bool:
        """Finish the turn and let go of the run; False when that took longer than `timeout` seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def stuck_for(self) -> float:
        """Seconds that the present turn has taken."""
        since = self.busy_since
        return 0.0 if since is None else time.monotonic() - since

    def _run(self) -> None:
        try:
            with tenant_scope(self.lease.organisation_id):
                self._drive()
        finally:
            connections.close_all()

    def _drive(self) -> None:
        try:
            self._turns()
        except LeaseLost as lost:
            logger.warning("run let go: another process drives it", extra={"run": self.name, "why": str(lost)})
            return
        except StrategyFailed as failure:
            if not self._is_outage(failure.__cause__):
                self._fail("strategy_raised", str(failure))
                logger.warning("a strategy raised", exc_info=True, extra={"run": self.name})
        except DataError as error:
            # The database is there and does not take what the strategy made: so it would the next time.
            self._fail("run_broken", f"What it wants to keep or send cannot be stored: {error}")
        except _OUTAGES:
            logger.warning("run waits: the database or the store does not answer", exc_info=True)
        except SaudaError as error:
            self._fail(error.code, error.detail)
        except Exception as error:
            # Whatever it was, it is this run's: the others go on, and somebody is told.
            logger.exception("a run broke", extra={"run": self.name})
            self._fail("run_broken", f"{type(error).__name__}: {error}")
        self._release()

    def _turns(self) -> None:
        driver = RunDriver(self.lease)
        driver.symbols = self.symbols
        try:
            driver.open()
            self._turn_after_turn(driver)
        finally:
            driver.close()

    def _turn_after_turn(self, driver: RunDriver) -> None:
        while not driver.is_over:
            self.busy_since = None
            taken = self._take()
            if taken is None:
                return
            self.busy_since = time.monotonic()
            close_old_connections()
            quotes, rung = taken
            driver.turn(quotes, rung=rung)

    def _take(self) -> tuple[dict[str, Quote], bool] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._rung or self._stopping, timeout=_TURN_SECONDS)
            if self._stopping:
                return None
            taken, self._pending = self._pending, {}
            rung, self._rung = self._rung, False
            return taken, rung

    @staticmethod
    def _is_outage(cause: BaseException | None) -> bool:
        """Whether what a hook raised was the house's trouble, not the strategy's; another process' lease too."""
        return isinstance(cause, (LeaseLost, *_OUTAGES)) and not isinstance(cause, DataError)

    def _fail(self, code: str, reason: str) -> None:
        try:
            close_old_connections()
            run_fail(run_id=self.lease.run_id, epoch=self.lease.epoch, code=code, reason=reason)
        except LeaseLost:
            return
        except _OUTAGES:
            logger.exception("a failed run could not be marked; it will be tried again", extra={"run": self.name})

    def _release(self) -> None:
        try:
            lease_release(self.lease)
        except _OUTAGES:
            logger.warning("a lease is left to run out", extra={"run": self.name})
