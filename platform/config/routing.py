"""Every socket path of the house."""

from channels.routing import URLRouter
from django.urls import path, re_path

from core.realtime.endpoint import SocketEndpoint, unknown_path

websocket = URLRouter(
    [
        path("ws/quotes", SocketEndpoint("quotes")),  # type: ignore[arg-type]
        path("ws/indicators", SocketEndpoint("indicators")),  # type: ignore[arg-type]
        path("ws/orders/<uuid:account>", SocketEndpoint("orders", subscribe_on_connect=True)),  # type: ignore[arg-type]
        path("ws/positions/<uuid:account>", SocketEndpoint("positions", subscribe_on_connect=True)),  # type: ignore[arg-type]
        path("ws/notifications", SocketEndpoint("notifications", subscribe_on_connect=True)),  # type: ignore[arg-type]
        path("ws/stream", SocketEndpoint()),  # type: ignore[arg-type]
        re_path(r"", unknown_path),  # type: ignore[arg-type]
    ]
)
