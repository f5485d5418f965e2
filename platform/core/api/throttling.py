"""Rate limits on the shared store: per user, API key, address, and by the view's `throttle_scope`.

Fixed windows counted with an atomic increment. A store that is down fails the request (503): a limit that vanishes
with the store would be none.
"""

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.http.client import client_address
from core.store import get_store

if TYPE_CHECKING:  # at run time DRF loads this module while it loads its views
    from rest_framework.views import APIView

_UNITS = {"s": 1, "m": 60, "h": 3600}
_ATTRIBUTE = "_sauda_rate"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` requests in each window of `seconds`."""

    limit: int
    seconds: int

    @classmethod
    @cache
    def parse(cls, text: str) -> "Rate":
        """Read `"600/m"` (units s, m, h)."""
        count, _, unit = text.partition("/")
        if unit not in _UNITS or not count.isdigit() or int(count) < 1:
            raise ValueError(f"not a rate: {text!r}; write 600/m")
        return cls(int(count), _UNITS[unit])


@dataclass(frozen=True, slots=True)
class RateState:
    """Where a caller stands after this request."""

    limit: int
    remaining: int
    reset: int
    """Seconds until the window ends."""
    allowed: bool

    def headers(self) -> dict[str, str]:
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        return headers if self.allowed else {**headers, "Retry-After": str(self.reset)}


def rate_take(bucket: str, rate: Rate, *, at: float | None = None) -> RateState:
    """Count one request of `bucket` in the present window."""
    moment = time.time() if at is None else at
    window, passed = divmod(moment, rate.seconds)
    # The counter outlives its window a little so that a slow clock cannot revive it.
    count = get_store().count(f"rate:{bucket}:{int(window)}", rate.seconds * 2)
    return RateState(
        limit=rate.limit,
        remaining=max(0, rate.limit - count),
        reset=max(1, int(rate.seconds - passed)),
        allowed=count <= rate.limit,
    )


def remember(request: HttpRequest, state: RateState) -> None:
    """Keep the tightest state of a request for its answer's headers."""
    known: RateState | None = getattr(request, _ATTRIBUTE, None)
    if known is None or (state.allowed, state.remaining) < (known.allowed, known.remaining):
        setattr(request, _ATTRIBUTE, state)


def remembered(request: HttpRequest) -> RateState | None:
    """The tightest state seen so far."""
    return getattr(request, _ATTRIBUTE, None)


class CallerThrottle(BaseThrottle):
    """One limit for everything a user or an API key does, and a stricter one for views with a `throttle_scope`."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        caller = caller_bucket(request)
        buckets = [(caller, caller.partition(":")[0])]
        scope = getattr(view, "throttle_scope", None)
        if scope is not None and request.method not in {"GET", "HEAD", "OPTIONS"}:
            buckets.append((f"{scope}:{caller}", scope))
        for bucket, name in buckets:
            state = rate_take(bucket, Rate.parse(settings.RATE_LIMITS[name]))
            remember(request._request, state)
            if not state.allowed:
                self._wait = state.reset
                return False
        return True

    def wait(self) -> float | None:
        return self._wait


def caller_bucket(request: Request) -> str:
    """Who is counted: the API key, else the user, else the address."""
    key = getattr(request.auth, "pk", None)
    if key is not None:
        return f"key:{key}"
    if request.user is not None and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"anonymous:{client_address(request._request)}"
