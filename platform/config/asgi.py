"""ASGI entry point: sockets and hot paths, and everything in the demo."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

http = get_asgi_application()

# Imported late: socket topics reach models, which need the apps that the line above loads.
from config.routing import websocket  # noqa: E402
from config.warm_up import warm_up_in_background  # noqa: E402
from core.socket_context import SocketRequestIdMiddleware  # noqa: E402

warm_up_in_background()
application = ProtocolTypeRouter({"http": http, "websocket": SocketRequestIdMiddleware(websocket)})
