"""What the datafeed says of itself."""

from django.http import HttpRequest, HttpResponse

from core.clock import now

from ...domain.udf.resolution import Resolution
from ...domain.udf.symbol import TYPES
from ...selectors import udf
from .door import UdfView, answer


class ConfigView(UdfView):
    """`/config`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """What the datafeed can do."""
        types = dict(TYPES.values())
        return answer(
            {
                "supported_resolutions": [each.value for each in Resolution],
                "supports_search": True,
                "supports_group_request": False,
                "supports_marks": True,
                "supports_timescale_marks": True,
                "supports_time": True,
                "exchanges": udf.exchanges(),
                "symbols_types": [
                    {"name": "All types", "value": ""},
                    *({"name": name, "value": word} for word, name in types.items()),
                ],
                "currency_codes": ["INR"],
            }
        )


class TimeView(UdfView):
    """`/time`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Market time in Unix seconds: a replayed day's while one is replayed."""
        return HttpResponse(str(int(now().timestamp())), content_type="text/plain")
