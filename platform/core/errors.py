"""Errors, by what the caller should do about them. Each has an HTTP status and a stable code.

Business refusals (a risk gate says no) are values, not errors: see `trading.orders.domain.gate`.
"""

from collections.abc import Mapping, Sequence

FieldErrors = Mapping[str, Sequence[str]]


class SaudaError(Exception):
    """Root of the tree. `detail` is shown to the caller, so it names no secret and no stranger's object."""

    status = 500
    code = "internal_error"
    title = "Something went wrong"

    def __init__(self, detail: str = "", *, code: str | None = None, errors: FieldErrors | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.code = code or type(self).code
        self.errors: dict[str, list[str]] = {field: list(lines) for field, lines in (errors or {}).items()}


class InvalidInput(SaudaError):
    """Mend the request, then send it again."""

    status = 400
    code = "invalid_input"
    title = "The request is not valid"


class NotAuthenticated(SaudaError):
    """Log in, then send it again."""

    status = 401
    code = "not_authenticated"
    title = "Log in first"


class PermissionDenied(SaudaError):
    """Ask somebody whose role allows it."""

    status = 403
    code = "permission_denied"
    title = "Your role does not allow this"


class NotFound(SaudaError):
    """Nothing by that name is visible to the caller; another tenant's object looks the same."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(SaudaError):
    """Read the object's present state, then decide again."""

    status = 409
    code = "conflict"
    title = "The object's state does not allow this"


class Unprocessable(SaudaError):
    """Well formed, yet contradicts what is already stored."""

    status = 422
    code = "unprocessable"
    title = "The request contradicts an earlier one"


class RetryLater(SaudaError):
    """The same request may succeed after `retry_after` seconds."""

    status = 503
    code = "unavailable"
    title = "Not available right now"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        errors: FieldErrors | None = None,
        retry_after: int = 1,
    ) -> None:
        super().__init__(detail, code=code, errors=errors)
        self.retry_after = retry_after


class TooMany(RetryLater):
    """Slow down."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class Unavailable(RetryLater):
    """A part of the house (database, cache, feed, broker) does not answer."""


class DataBroken(SaudaError):
    """Stored or received data contradicts an invariant: an operator has to look."""

    status = 500
    code = "data_broken"
    title = "Stored data is inconsistent"
