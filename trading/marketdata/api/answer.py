"""How the market data API writes its answers."""

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter

encode = msgspec.json.Encoder().encode

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Instrument key, as NSE:RELIANCE")


def answer(content: object) -> HttpResponse:
    """JSON of structs and plain values, decimals as strings."""
    return HttpResponse(encode(content), content_type="application/json")
