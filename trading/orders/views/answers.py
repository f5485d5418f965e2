"""How the order pages answer what somebody did on them."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import trigger_client_event

from core.errors import SaudaError
from trading.orders.models import Order

_LEVELS = {"ok": messages.success, "warn": messages.warning, "bad": messages.error}


def answer_act(request: HttpRequest, order: Order | None, text: str, *, tone: str = "ok") -> HttpResponse:
    """Answer an act on an order: as `acted`, with the order's page as the place to go."""
    to = reverse("orders:detail", args=[order.id]) if order else reverse("orders:list")
    return acted(request, text, to=to, tone=tone)


def acted(request: HttpRequest, text: str, *, to: str, tone: str = "ok") -> HttpResponse:
    """For HTMX a toast and the news that orders and positions moved, otherwise a redirect with a message."""
    if request.headers.get("HX-Request"):
        response = trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "tone": tone})
        return trigger_client_event(response, "desk:changed", {"value": "orders positions"})
    _LEVELS[tone](request, text)
    return HttpResponseRedirect(to)


def form_problems(form: Form) -> list[str]:
    """What is wrong with a form, each with its field's label."""
    return [
        f"{form[name].label}: {text}" if name in form.fields else str(text)
        for name, texts in form.errors.items()
        for text in texts
    ]


def reasons(error: SaudaError) -> list[str]:
    """What an error says field by field, or as a whole."""
    return [text for texts in error.errors.values() for text in texts] or [error.detail]


def field_reasons(error: SaudaError) -> list[str]:
    """What an error says, each with the name of its field as the page has it."""
    return [f"{_field(name)}: {text}" for name, texts in error.errors.items() for text in texts] or [error.detail]


def _field(name: str) -> str:
    """A field of the API in the words of the page: "legs.STOP.trigger_price" is the "Stop price"."""
    parts = name.split(".")
    if len(parts) < 3:
        return name.replace("_", " ").capitalize()
    what = {"trigger_price": "price", "price": "limit"}.get(parts[2], parts[2].replace("_", " "))
    return f"{parts[1].capitalize()} {what}"
