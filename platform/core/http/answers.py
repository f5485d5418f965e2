"""A problem as an HTTP answer: problem+json for programs and HTMX, a page for people."""

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from core.http.client import wants_problem
from core.http.request_id import current_request_id
from core.problems import INTERNAL, Problem, is_unforeseen, problem_from

logger = logging.getLogger(__name__)

PROBLEM_CONTENT_TYPE = "application/problem+json"
_BARE_PAGE = (
    "<!doctype html><html lang='en'><title>{title}</title><h1>{title}</h1><p>{detail}</p><p>{request_id}</p>"
)


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer that tells `problem` to this caller."""
    request_id = current_request_id()
    if wants_problem(request):
        response: HttpResponse = JsonResponse(
            problem.as_dict(request_id), status=problem.status, content_type=PROBLEM_CONTENT_TYPE
        )
    else:
        response = HttpResponse(_page(problem, request_id), status=problem.status)
    for name, value in problem.headers().items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(problem: Problem, request_id: str) -> str:
    # No request in the context: a page about a dead database must not ask the database who the user is.
    context = {"problem": problem, "request_id": request_id}
    try:
        return render_to_string("errors/problem.html", context)
    except TemplateDoesNotExist:
        return _BARE_PAGE.format(title=problem.title, detail=problem.detail, request_id=request_id)


def error_response(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer for an exception; one that nobody foresaw is logged with its traceback."""
    problem = problem_from(error)
    if is_unforeseen(problem):
        logger.error("unforeseen error", exc_info=error, extra={"path": request.path})
    elif problem.status == 503:
        logger.warning("unavailable", extra={"path": request.path, "code": problem.code, "cause": str(error)})
    return problem_response(request, problem)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`."""
    return error_response(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler403`."""
    return error_response(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`."""
    return error_response(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`; Django has logged the exception already.

    Called while the exception is handled, so an outage met in a middleware is still told as 503.
    """
    error = sys.exc_info()[1]
    return problem_response(request, INTERNAL if error is None else problem_from(error))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's `CSRF_FAILURE_VIEW`."""
    logger.warning("csrf check failed", extra={"path": request.path, "reason": reason})
    return problem_response(
        request,
        Problem(
            status=403,
            code="csrf_failed",
            title="This form is out of date",
            detail="Load the page again and repeat what you did; nothing was changed.",
        ),
    )
