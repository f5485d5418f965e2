"""How values of the domain look in JSON."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MAX_PRICE_DIGITS = 16
PRICE_PLACES = 4


@extend_schema_field({"type": "string", "format": "decimal", "example": "2450.05"})
class PriceField(serializers.DecimalField):
    """A price or an amount in rupees as a decimal string; never a float, NaN or infinity."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", MAX_PRICE_DIGITS)
        kwargs.setdefault("decimal_places", PRICE_PLACES)
        super().__init__(coerce_to_string=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        """At least two places (paise), no superfluous zeros beyond them."""
        number = Decimal(value).normalize()
        exponent = number.as_tuple().exponent
        places = max(2, -exponent) if isinstance(exponent, int) else 2
        return f"{number:.{places}f}"


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.DateTimeField):
    """A moment: RFC 3339 with an offset; input without one is refused, because its meaning would be a guess."""

    default_error_messages = {"naive": "Give the time zone's offset, as in 2026-11-02T09:15:00+05:30."}

    def enforce_timezone(self, value: Any) -> Any:
        if value.tzinfo is None:
            self.fail("naive")
        return super().enforce_timezone(value)
