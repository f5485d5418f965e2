"""WSGI entry point: pages and most of the API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

# Imported late: it reaches apps, which the line above loads.
from config.warm_up import warm_up_in_background  # noqa: E402

warm_up_in_background()
