"""Bounds that hold before any view looks at a request: body size and requests per address."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.api.throttling import Rate, rate_take, remember, remembered
from core.http.answers import problem_response
from core.http.client import client_address
from core.problems import TOO_LARGE, Problem


class BodyLimitMiddleware:
    """Refuses a body that announces itself as too large, before it is read.

    What announces no length, or lies, is cut off by DATA_UPLOAD_MAX_MEMORY_SIZE and by the server in front.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        is_upload = (request.content_type or "").startswith("multipart/")
        limit = settings.MAX_UPLOAD_BYTES if is_upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if not announced.isdigit() or int(announced) > limit:
            return problem_response(request, TOO_LARGE)
        return self._get_response(request)


class AddressLimitMiddleware:
    """Requests per address on the API, counted before authentication, so that guessing keys is bounded too.

    Also writes the RateLimit headers of the tightest limit that was asked, here or by the API's throttle.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._rate = Rate.parse(settings.RATE_LIMITS["address"])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self._get_response(request)
        state = rate_take(f"address:{client_address(request)}", self._rate)
        remember(request, state)
        response = self._get_response(request) if state.allowed else _refusal(request, state.reset)
        tightest = remembered(request)
        if tightest is not None:
            for name, value in tightest.headers().items():
                response.headers[name] = value
        return response


def _refusal(request: HttpRequest, wait: int) -> HttpResponse:
    return problem_response(
        request,
        Problem(
            status=429,
            code="too_many_requests",
            title="Too many requests",
            detail=f"Too many requests from this address. Try again in {wait} s.",
            retry_after=wait,
        ),
    )
