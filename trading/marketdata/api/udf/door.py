"""The door of the datafeed: who asks, how often, and how an error is told.

The protocol knows no status codes: what was asked wrongly, and a symbol that does not exist, is an answer (200)
with `{"s": "error", "errmsg"}`. Who may not ask, or not now, gets the status too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views import View
from rest_framework import serializers
from rest_framework.exceptions import APIException

from accounts.domain.actor import Actor
from core.api.reading import read
from core.api.throttling import Rate, RateState, rate_take
from core.errors import PermissionDenied, SaudaError, TooMany
from core.http.client import client_address
from core.problems import problem_from
from core.tenancy import tenant_scope

from ...services import datafeed_actor

_json = msgspec.json.Encoder()
_ANSWERED = {400, 404}
"""Problems that the protocol's own error is the whole answer to."""


class UdfView(View):
    """One address of the datafeed; `actor` is None for who came without a token."""

    http_method_names = ["get", "head", "options"]
    actor: Actor | None = None

    def dispatch(self, request: HttpRequest, *args: Any, token: str = "", **kwargs: Any) -> HttpResponseBase:
        """Count the request, see who asks, and answer inside their organisation."""
        try:
            limit = self._count(request, token)
            self.actor = self._who(token)
            with _scope(self.actor):
                response = super().dispatch(request, *args, **kwargs)
        except (SaudaError, APIException) as error:
            return _error(error)
        for name, value in limit.headers().items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _count(self, request: HttpRequest, token: str) -> RateState:
        # By address before any token is looked up, so that guessing is bounded; a token's own count is by its text.
        rate = Rate.parse(settings.RATE_LIMITS["udf"])
        address = rate_take(f"udf:{client_address(request)}", Rate.parse(settings.RATE_LIMITS["address"]))
        own = rate_take(f"udf:{token or client_address(request)}:own", rate)
        for state in (address, own):
            if not state.allowed:
                raise TooMany(f"Too many requests. Try again in {state.reset} s.", retry_after=state.reset)
        return own

    def _who(self, token: str) -> Actor | None:
        if token:
            return datafeed_actor(token)
        if not settings.UDF_PUBLIC:
            raise PermissionDenied("This address needs a token: /udf/<token>/. Make one in the settings.")
        return None


def answer(content: Any) -> HttpResponse:
    """JSON of plain values and structs."""
    return HttpResponse(_json.encode(content), content_type="application/json")


def query_of(request: HttpRequest, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The query string, by the serializer's fields."""
    return read(serializer(data=request.GET.dict()))


@contextmanager
def _scope(actor: Actor | None) -> Iterator[None]:
    if actor is None:
        yield
        return
    with tenant_scope(actor.organisation_id):
        yield


def _error(error: SaudaError | APIException) -> HttpResponse:
    problem = problem_from(error)
    lines = [f"{field}: {line}" for field, told in problem.errors.items() for line in told]
    response = answer({"s": "error", "errmsg": " ".join(lines) or problem.detail})
    response.status_code = 200 if problem.status in _ANSWERED else problem.status
    for name, value in problem.headers().items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response
