"""DRF's exception handler: every error of the API is `application/problem+json`."""

import logging
from typing import Any

from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.http.answers import PROBLEM_CONTENT_TYPE
from core.http.request_id import current_request_id
from core.problems import is_unforeseen, problem_from

logger = logging.getLogger(__name__)


def problem_exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Render any exception of an API view. What nobody foresaw is logged with its traceback, and told without."""
    problem = problem_from(error)
    path = context["request"].path if context.get("request") is not None else ""
    if is_unforeseen(problem):
        logger.error("unforeseen error", exc_info=error, extra={"path": path})
    elif problem.status == 503:
        logger.warning("unavailable", extra={"path": path, "code": problem.code, "cause": str(error)})
    set_rollback()
    headers = problem.headers()
    challenge = getattr(error, "auth_header", None)
    if problem.status == 401:
        headers["WWW-Authenticate"] = challenge or "Bearer"
    return Response(
        problem.as_dict(current_request_id()),
        status=problem.status,
        headers=headers,
        content_type=PROBLEM_CONTENT_TYPE,
    )
