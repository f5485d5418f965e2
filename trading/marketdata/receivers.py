"""Answers to signals of others."""

from typing import Any

from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

_DATAFEED = "/udf/"


@receiver(check_request_enabled, dispatch_uid="marketdata.datafeed_origin")
def datafeed_origin(request: HttpRequest, **_: Any) -> bool:
    """Whether the page that asks may read the datafeed: its origin is in `UDF_ALLOWED_ORIGINS`, or any is."""
    allowed = settings.UDF_ALLOWED_ORIGINS
    return request.path_info.startswith(_DATAFEED) and (
        "*" in allowed or request.headers.get("Origin", "") in allowed
    )
