"""PostgreSQL, Redis and several processes. Every value without a default must be in the environment."""

from .base import *  # noqa: F403
from .environment import env
from .web import CACHE_SOCKET_TIMEOUT, postgresql_options, redis_cache

DEMO = False
DEBUG = False
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env.list(
    "CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS if not host.startswith(".")]
)

REDIS_URL: str = env("REDIS_URL")
DATABASES = {"default": {**env.db("DATABASE_URL"), "ENGINE": "core.db.postgresql"}}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    **postgresql_options(pooled=True),
}
# The pool keeps connections; Django must not keep them a second time.
DATABASES["default"]["CONN_MAX_AGE"] = 0
CACHES = {"default": redis_cache(REDIS_URL)}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_BEAT_SCHEDULER = "core.beat.SingleBeatScheduler"
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_REDIS_SOCKET_TIMEOUT = CACHE_SOCKET_TIMEOUT * 5
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = CACHE_SOCKET_TIMEOUT

# Own code is refused where the kernel cannot close its process off.
STRATEGY_SANDBOX = {**STRATEGY_SANDBOX, "strict": env.bool("STRATEGY_SANDBOX_STRICT", default=True)}  # noqa: F405

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = env("MEDIA_ROOT", default="/var/lib/sauda/media")

EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="sauda@localhost")

# TLS ends at the proxy in front, which sets X-Forwarded-Proto and drops what the caller sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
