"""PostgreSQL, Redis and several processes. Every value without a default must be in the environment."""

from .base import *  # noqa: F403
from .environment import env

DEMO = False
DEBUG = False
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")

REDIS_URL: str | None = env("REDIS_URL")
DATABASES = {"default": {**env.db("DATABASE_URL"), "ENGINE": "core.db.postgresql"}}
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL)
