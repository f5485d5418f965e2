"""Reading what a request brings: values by a serializer's fields, filters that lists share."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from .fields import InstantField


def read(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """The values of a body or query string; raises DRF's ValidationError for one of another shape."""
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


def body_of(request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The body, by the serializer's fields."""
    return read(serializer(data=request.data))


def query_of(request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The query string, by the serializer's fields."""
    return read(serializer(data=request.query_params.dict()))


def names_in(value: str, known: Iterable[str]) -> list[str]:
    """Several names, separated by commas, in capitals; raises DRF's ValidationError for one that is not known."""
    named = [name.strip().upper() for name in value.split(",") if name.strip()]
    unknown = sorted(set(named) - {str(name) for name in known})
    if unknown:
        raise serializers.ValidationError(f"Unknown: {', '.join(unknown)}.")
    return named


class SpanQuery(serializers.Serializer[Any]):
    """A list that is narrowed to [`from`, `to`). Python keeps `from` from being a class attribute."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": InstantField(required=False), "to": InstantField(required=False)}
