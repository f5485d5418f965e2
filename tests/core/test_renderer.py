"""The API's JSON reads back as what DRF's own renderer writes."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import Serializer
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from core.api.renderers import FastJSONRenderer


class _Side(StrEnum):
    BUY = "BUY"


def test_everything_that_views_answer_is_written_as_drf_writes_it() -> None:
    answer = {
        "text": "₹ 1,00,000 </script>",
        "error": [ErrorDetail("This field is required.", "required")],
        "lazy": gettext_lazy("Hello"),
        "id": UUID(int=7),
        "at": datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
        "day": date(2026, 11, 20),
        "side": _Side.BUY,
        "rows": ReturnList([ReturnDict({"quantity": 1}, serializer=Serializer())], serializer=Serializer()),
        "pair": (1, 2.5),
        "nothing": None,
        "yes": True,
    }
    assert json.loads(FastJSONRenderer().render(answer)) == json.loads(JSONRenderer().render(answer))


def test_an_amount_stays_a_decimal_string() -> None:
    assert FastJSONRenderer().render({"amount": Decimal("1.20")}) == b'{"amount":"1.20"}'


def test_no_content_has_no_body() -> None:
    assert FastJSONRenderer().render(None) == b""
