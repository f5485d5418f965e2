"""The name of an order, as a body or a header gives it."""

from rest_framework.request import Request

from core.errors import InvalidInput
from core.ids import new_id

IDEMPOTENCY_HEADER = "Idempotency-Key"


def client_order_id_of(in_body: str | None, request: Request) -> str:
    """The name given in the body or the header, which must agree; a new one when neither gives any."""
    in_header = request.headers.get(IDEMPOTENCY_HEADER)
    if in_body and in_header and in_body != in_header:
        message = f"The {IDEMPOTENCY_HEADER} header and client_order_id differ."
        raise InvalidInput(message, code="idempotency_key_differs", errors={"client_order_id": [message]})
    return in_body or in_header or new_id().hex
