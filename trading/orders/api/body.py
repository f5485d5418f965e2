"""Reading a request's body: the parts that every API of orders shares."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from core.errors import InvalidInput
from core.ids import new_id

IDEMPOTENCY_HEADER = "Idempotency-Key"


def read(serializer: Serializer[Any]) -> dict[str, Any]:
    """The values of a body or query string; raises DRF's ValidationError for one of another shape."""
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


def client_order_id_of(in_body: str | None, request: Request) -> str:
    """The name given in the body or the header, which must agree; a new one when neither gives any."""
    in_header = request.headers.get(IDEMPOTENCY_HEADER)
    if in_body and in_header and in_body != in_header:
        message = f"The {IDEMPOTENCY_HEADER} header and client_order_id differ."
        raise InvalidInput(message, code="idempotency_key_differs", errors={"client_order_id": [message]})
    return in_body or in_header or new_id().hex
