"""The content security policy of every answer."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# What django-csp's decorators leave on an answer whose policy is another.
_OWN_POLICY = (
    "_csp_config",
    "_csp_update",
    "_csp_replace",
    "_csp_exempt",
    "_csp_config_ro",
    "_csp_update_ro",
    "_csp_replace_ro",
    "_csp_exempt_ro",
)


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's, but the policy of the settings is written once instead of for every answer.

    Nonces are not offered: no page of ours has inline code that would need one.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._policy = build_policy()

    def process_request(self, request: HttpRequest) -> None:
        """Nothing is prepared: there is no nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the policy; an answer that has one of its own gets it by django-csp's way."""
        if any(map(vars(response).__contains__, _OWN_POLICY)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        return response
