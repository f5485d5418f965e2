"""Answering an act on a page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import trigger_client_event

from core.errors import SaudaError

_LEVELS = {"ok": messages.success, "warn": messages.warning, "bad": messages.error}


def acted(request: HttpRequest, text: str, *, to: str, tone: str = "ok") -> HttpResponse:
    """For HTMX a toast and the news that orders and positions moved, otherwise a redirect with a message."""
    if request.headers.get("HX-Request"):
        response = trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": tone})
        return trigger_client_event(response, "desk:changed", {"value": "orders positions"})
    _LEVELS[tone](request, text)
    return HttpResponseRedirect(to)


def reasons(error: SaudaError) -> list[str]:
    """Why not, in words: the fields' reasons where there are any."""
    return [text for texts in error.errors.values() for text in texts] or [error.detail]
