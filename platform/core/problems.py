"""One translation of every exception into what a caller is told (RFC 9457). Pages, API and sockets share it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError
from rest_framework import exceptions as drf

from core.errors import RetryLater, SaudaError

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the caller is told. `detail` never carries a stack trace, SQL or a secret."""

    status: int
    code: str
    title: str
    detail: str
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    retry_after: int | None = None

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """The body of an `application/problem+json` answer."""
        return {
            "type": f"urn:sauda:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "errors": {name: list(lines) for name, lines in self.errors.items()},
            "request_id": request_id,
        }

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


INTERNAL = Problem(
    status=500,
    code="internal_error",
    title="Something went wrong",
    detail="The error has been recorded. Quote the request id when you report it.",
)


def problem_from(error: BaseException) -> Problem:
    """Translate any exception; what nobody foresaw becomes `internal_error`."""
    if isinstance(error, SaudaError):
        return Problem(
            status=error.status,
            code=error.code,
            title=error.title,
            detail=error.detail,
            errors=error.errors,
            retry_after=error.retry_after if isinstance(error, RetryLater) else None,
        )
    if isinstance(error, drf.APIException):
        return _from_drf(error)
    return _from_django(error) or _from_storage(error) or INTERNAL


def is_unforeseen(problem: Problem) -> bool:
    """Whether an operator should see a traceback for it."""
    return problem.status == 500


def _from_drf(error: drf.APIException) -> Problem:
    if isinstance(error, drf.ValidationError):
        return _invalid(_flatten(error.detail))
    if isinstance(error, drf.Throttled):
        wait = max(1, round(getattr(error, "wait", None) or 1))
        return Problem(
            status=429,
            code="too_many_requests",
            title="Too many requests",
            detail=f"Try again in {wait} s.",
            retry_after=wait,
        )
    code = {"authentication_failed": "not_authenticated", "parse_error": "malformed_body"}.get(
        str(error.default_code), str(error.default_code)
    )
    # DRF turns 401 into 403 when the first authentication has no challenge; the caller still has to log in.
    unauthenticated = isinstance(error, drf.NotAuthenticated | drf.AuthenticationFailed)
    # The detail of an unknown method is a template, to be filled in with its name.
    title = "Method not allowed" if isinstance(error, drf.MethodNotAllowed) else str(error.default_detail)
    return Problem(
        status=401 if unauthenticated else error.status_code, code=code, title=title, detail=str(error.detail)
    )


def _from_django(error: BaseException) -> Problem | None:
    match error:
        case Http404():
            return Problem(status=404, code="not_found", title="Not found", detail="There is nothing here.")
        case DjangoPermissionDenied():
            return Problem(
                status=403,
                code="permission_denied",
                title="Not allowed",
                detail="Your role does not allow this.",
            )
        case DjangoValidationError():
            return _invalid(
                {name: [str(line) for line in lines] for name, lines in error.message_dict.items()}
                if hasattr(error, "error_dict")
                else {"non_field_errors": [str(line) for line in error.messages]}
            )
        case RequestDataTooBig() | TooManyFieldsSent():
            return TOO_LARGE
        case SuspiciousOperation():
            return Problem(
                status=400, code="bad_request", title="Bad request", detail="The request was not understood."
            )
    return None


def _from_storage(error: BaseException) -> Problem | None:
    match error:
        case OperationalError() | InterfaceError():
            # Server gone, pool exhausted, statement or lock time-out, deadlock, SQLite busy: nothing was committed.
            return _unavailable("database_unavailable", "The database did not answer in time; nothing was written.")
        case RedisError() | ConnectionInterrupted():
            return _unavailable("cache_unavailable", "A part of the system does not answer in time.")
        case DataError():
            return _invalid({"non_field_errors": ["A value is outside the range that can be stored."]})
        case IntegrityError():
            return Problem(
                status=409,
                code="conflict",
                title="Conflict",
                detail="This contradicts what is already stored; nothing was written.",
            )
    return None


TOO_LARGE = Problem(
    status=413,
    code="body_too_large",
    title="Request too large",
    detail="The request's body is larger than allowed.",
)


def _unavailable(code: str, detail: str) -> Problem:
    return Problem(
        status=503, code=code, title="Not available right now", detail=detail, retry_after=RETRY_AFTER_SECONDS
    )


def _invalid(errors: Mapping[str, Sequence[str]]) -> Problem:
    first = next((f"{name}: {lines[0]}" for name, lines in errors.items() if lines), "")
    return Problem(
        status=400,
        code="invalid_input",
        title="The request is not valid",
        detail=first.removeprefix("non_field_errors: ") or "The request is not valid.",
        errors=errors,
    )


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error details as one level: `legs.0.price`."""
    if isinstance(detail, Mapping):
        items = [(f"{prefix}.{name}" if prefix else str(name), value) for name, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(value, Mapping | list) for value in detail):
        items = [(f"{prefix}.{index}" if prefix else str(index), value) for index, value in enumerate(detail)]
    else:
        lines = detail if isinstance(detail, list) else [detail]
        return {prefix or "non_field_errors": [str(line) for line in lines]}
    flat: dict[str, list[str]] = {}
    for name, value in items:
        flat.update(_flatten(value, name))
    return flat
