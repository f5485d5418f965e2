"""Figures as JSON takes them."""

import math
from fractions import Fraction

from rest_framework import serializers

from analytics.domain.figures import Value
from core.money import rupee_text


def number_field() -> serializers.FloatField:
    """A figure; null where it has no meaning."""
    return serializers.FloatField(allow_null=True)


def number(value: Value) -> float | None:
    """A figure as JSON takes it: seconds of a duration, null for what is no number."""
    if value is None:
        return None
    found = float(value) if isinstance(value, int | float | Fraction) else value.total_seconds()
    return found if math.isfinite(found) else None


def expectancy_text(paise: Fraction | None) -> str | None:
    """A mean in whole paise, as rupees."""
    return None if paise is None else rupee_text(round(paise))
