"""`/healthz`: this process lives. `/readyz`: each part that an order needs answers, within a time-out."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from functools import partial

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_redis.exceptions import ConnectionInterrupted
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

from core.errors import Unavailable
from core.ids import new_id

logger = logging.getLogger(__name__)

Check = Callable[[], None]

_DOWN = (Unavailable, DatabaseError, RedisError, ConnectionInterrupted, BrokerDown, OSError)
# Shared by all probes: a part that hangs holds one thread, and a flood of probes cannot hold more than these.
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is."""

    name: str
    ok: bool
    detail: str
    milliseconds: float


def check_database() -> None:
    """A statement goes there and back. The connection is this thread's own, so it is closed again."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()


def check_cache() -> None:
    """What is written can be read back."""
    key = f"readyz:{new_id()}"
    cache.set(key, "1", 10)
    if cache.get(key) != "1":
        raise Unavailable("what was written is not there")
    cache.delete(key)


def check_broker() -> None:
    """The Celery broker accepts a connection."""
    with current_app.connection_for_write(connect_timeout=settings.HEALTH_CHECK_TIMEOUT) as broker:
        broker.ensure_connection(max_retries=1, timeout=int(settings.HEALTH_CHECK_TIMEOUT))


def check_workers() -> None:
    """At least one Celery worker answers a ping."""
    if not current_app.control.ping(timeout=settings.HEALTH_CHECK_TIMEOUT * 0.75, limit=1):
        raise Unavailable("no worker answers")


def readiness() -> list[Finding]:
    """Run the checks of READINESS_CHECKS side by side, each within HEALTH_CHECK_TIMEOUT seconds."""
    started = time.monotonic()
    running = {
        name: _pool.submit(_find, name, import_string(path)) for name, path in settings.READINESS_CHECKS.items()
    }
    findings = []
    for name, future in running.items():
        left = max(0.0, started + settings.HEALTH_CHECK_TIMEOUT - time.monotonic())
        try:
            findings.append(future.result(timeout=left))
        except FutureTimeout:
            findings.append(Finding(name, False, "no answer in time", _since(started)))
    return findings


def _find(name: str, check: Check) -> Finding:
    started = time.monotonic()
    finding = partial(Finding, name)
    try:
        check()
    except _DOWN as error:
        # The class only: a driver's message may carry a host name or a user.
        logger.warning("not ready", extra={"component": name, "cause": str(error)})
        detail = error.detail if isinstance(error, Unavailable) else type(error).__name__
        return finding(False, detail, _since(started))
    return finding(True, "ok", _since(started))


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: asks nothing of anybody else, so that an outage elsewhere does not get this process killed."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all parts answer, else 503; the body names each."""
    findings = readiness()
    ready = all(finding.ok for finding in findings)
    response = JsonResponse(
        {
            "status": "ok" if ready else "unavailable",
            "components": {
                finding.name: {
                    "ok": finding.ok,
                    "detail": finding.detail,
                    "milliseconds": finding.milliseconds,
                }
                for finding in findings
            },
        },
        status=200 if ready else 503,
    )
    if not ready:
        response.headers["Retry-After"] = "5"
    return response
