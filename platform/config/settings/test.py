"""The suite runs on real PostgreSQL and Redis; tests/conftest.py starts them when no URL is given."""

from .base import *  # noqa: F403
from .environment import env

DEMO = False
DEBUG = False
SECRET_KEY = "test-only-" + "0" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

REDIS_URL: str | None = env("REDIS_URL", default=None)
DATABASES = {"default": {**env.db("DATABASE_URL", default="postgres:///sauda"), "ENGINE": "core.db.postgresql"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CELERY_BROKER_URL = REDIS_URL or "memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
