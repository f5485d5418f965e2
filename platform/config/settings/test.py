"""The suite runs on real PostgreSQL and Redis; tests/conftest.py starts them when no URL is given."""

from .base import *  # noqa: F403
from .environment import env
from .web import RATE_LIMITS, postgresql_options, redis_cache

DEMO = False
DEBUG = False
SECRET_KEY = "test-only-" + "0" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

REDIS_URL: str | None = env("REDIS_URL", default=None)
# xdist's workers run side by side: each has a Redis database of its own, as it has one in PostgreSQL.
_worker: str = env("PYTEST_XDIST_WORKER", default="")
if REDIS_URL and _worker:
    REDIS_URL = f"{REDIS_URL.rpartition('/')[0]}/{int(_worker.removeprefix('gw')) + 1}"
DATABASES = {"default": {**env.db("DATABASE_URL", default="postgres:///sauda"), "ENGINE": "core.db.postgresql"}}
DATABASES["default"]["OPTIONS"] = {
    **postgresql_options(pooled=False),
    **DATABASES["default"].get("OPTIONS", {}),
}
CACHES: dict[str, dict[str, object]] = {
    "default": redis_cache(REDIS_URL) if REDIS_URL else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CELERY_BROKER_URL = REDIS_URL or "memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True

# Far above what a test sends; those about the limits lower them.
RATE_LIMITS.update(dict.fromkeys(RATE_LIMITS, "100000/m"))
LOGGING["root"]["level"] = "WARNING"  # noqa: F405
