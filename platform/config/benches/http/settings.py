"""Production's settings, with what a load test from one address over plain HTTP needs differently."""

from config.settings.environment import ROOT
from config.settings.production import *  # noqa: F403
from config.settings.web import RATE_LIMITS

SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SIMULATED_MARKET_ALWAYS_OPEN = True
# Counted as ever, and never reached.
RATE_LIMITS.update(dict.fromkeys(RATE_LIMITS, "100000000/m"))
# No collectstatic: pages are measured, not their files.
STATIC_ROOT = ROOT / "static"
STATICFILES_DIRS = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
