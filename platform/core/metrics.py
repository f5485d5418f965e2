"""Prometheus figures of this process, or of all on a host with PROMETHEUS_MULTIPROC_DIR; and `/metrics`."""

import os
import time
from collections.abc import Callable
from functools import cache
from ipaddress import ip_address, ip_network
from secrets import compare_digest

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from core.http.client import client_address

logger = structlog.get_logger(__name__)

REQUESTS = Counter("sauda_http_requests", "HTTP requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "sauda_http_request_seconds",
    "Time to answer an HTTP request",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")


class RequestMetricsMiddleware:
    """Counts and times each request by route (never by path: ids would make endless series) and logs it once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self._get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        route = (match.route if match else "") or "none"
        method = request.method if request.method in _METHODS else "OTHER"
        REQUESTS.labels(method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(method, route).observe(seconds)
        if not request.path.startswith(_QUIET_PATHS):
            logger.info(
                "request",
                method=method,
                path=_path_without_secrets(request),
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
                address=client_address(request),
            )
        return response


def _path_without_secrets(request: HttpRequest) -> str:
    """The path, without a token that stands in it: of an invitation, of the datafeed."""
    match = request.resolver_match
    secret = match.kwargs.get("token", "") if match else ""
    return request.path.replace(secret, "…") if secret else request.path


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to METRICS_ALLOWED_ADDRESSES or the bearer of METRICS_TOKEN; to others there is nothing here."""
    if not (_address_allowed(client_address(request)) or _token_matches(request)):
        raise Http404
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    content = generate_latest(registry) + generate_latest(_shared_registry())
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


@cache
def _shared_registry() -> CollectorRegistry:
    """What is true of the installation and not of one process, from `settings.METRICS_COLLECTORS`."""
    registry = CollectorRegistry()
    for path in settings.METRICS_COLLECTORS:
        registry.register(import_string(path)())
    return registry


def _address_allowed(address: str) -> bool:
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    return any(caller in ip_network(allowed, strict=False) for allowed in settings.METRICS_ALLOWED_ADDRESSES)


def _token_matches(request: HttpRequest) -> bool:
    expected: str = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(expected) and compare_digest(given.encode(), expected.encode())
