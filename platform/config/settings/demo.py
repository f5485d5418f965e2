"""One process, nothing to install but Python: SQLite, in-memory layer and broker, a simulated market."""

from pathlib import Path

from .base import *  # noqa: F403
from .environment import ROOT, env

DATA_DIR = Path(env("DATA_DIR", default=str(ROOT / ".demo"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEMO = True
DEBUG = False
# Public on purpose: a demo listens on the loopback address and holds demo users only.
SECRET_KEY = "demo-only-" + "0" * 40
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "sauda.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
REDIS_URL: str | None = None

CELERY_BROKER_URL = "memory://localhost"
CELERY_RESULT_BACKEND = "cache+memory://"

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
MEDIA_ROOT = DATA_DIR / "media"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# No collectstatic before a demo: files are served from where they lie.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

LOGGING["handlers"]["stderr"]["formatter"] = env("LOG_FORMAT", default="console")  # noqa: F405
LOGGING["root"]["level"] = env("LOG_LEVEL", default="WARNING")  # noqa: F405

SIMULATED_MARKET_ALWAYS_OPEN = True
HISTORY_SOURCES = {"simulated": "trading.marketdata.history.simulated.SimulatedHistory"} | HISTORY_SOURCES  # noqa: F405
SQUARE_OFF_SIMULATED = env.bool("SQUARE_OFF_SIMULATED", default=False)
# A load test of a demo comes from one address and often from one user.
SOCKETS_PER_USER = 5000
SOCKETS_PER_ADDRESS = 5000
# Worker and pages share one interpreter here.
BACKTEST_QUOTA = {**BACKTEST_QUOTA, "running": 1, "waiting": 20}  # noqa: F405
