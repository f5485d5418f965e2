"""Innermost middleware: exceptions of HTML views become answers (the API has `core.api.errors`)."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from core.http.answers import error_response
from core.problems import is_unforeseen, problem_from

# Django's own handlers answer these, after asking its handler4xx.
_DJANGO_ANSWERS = (Http404, PermissionDenied, SuspiciousOperation)


class ErrorMiddleware:
    """Answers what is foreseen; leaves the rest to Django, which logs it and calls `handler500`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, _DJANGO_ANSWERS) or is_unforeseen(problem_from(exception)):
            return None
        return error_response(request, exception)
