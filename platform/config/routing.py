"""Every socket path of the house."""

from channels.routing import URLRouter
from django.urls import path, re_path

from core.realtime.endpoint import SocketEndpoint, unknown_path

websocket = URLRouter(
    [
        path("ws/quotes", SocketEndpoint("quotes")),
        path("ws/orders/<uuid:account>", SocketEndpoint("orders", subscribe_on_connect=True)),
        path("ws/positions/<uuid:account>", SocketEndpoint("positions", subscribe_on_connect=True)),
        path("ws/notifications", SocketEndpoint("notifications", subscribe_on_connect=True)),
        path("ws/stream", SocketEndpoint()),
        re_path(r"", unknown_path),
    ]
)
