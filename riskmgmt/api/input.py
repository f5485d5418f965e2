"""Reading what a request brings; any other shape is DRF's ValidationError."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def body_of(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The body, by the serializer's fields."""
    return _valid(serializer(data=request.data))


def query_of(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The query string, by the serializer's fields."""
    return _valid(serializer(data=request.query_params.dict()))


def _valid(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found
