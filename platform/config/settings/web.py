"""Browser security, bounds and time-outs: what holds for every request, whatever the app."""

from csp.constants import NONE, SELF

from .environment import env

# Our own pages need no exception: no inline script or style, no eval. Swagger UI and ReDoc get their own narrow
# relaxations where they are served (core.api.docs).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.http.answers.csrf_failure"

# Other origins may call the API only when they are named; cookies are never sent along.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/(api|udf)/.*$"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "x-organisation", "x-request-id"]
# The TradingView datafeed: whether market data is there for everybody, without a token, and for whose pages beside
# CORS_ALLOWED_ORIGINS ("*": anybody's; it takes no cookie, so nothing is given away that the token does not give).
UDF_PUBLIC: bool = env.bool("UDF_PUBLIC", default=False)
UDF_ALLOWED_ORIGINS: list[str] = env.list("UDF_ALLOWED_ORIGINS", default=[])
CORS_EXPOSE_HEADERS = [
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-ID",
]

# Bounds.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MAX_UPLOAD_BYTES: int = 20 * 1024 * 1024
# How many proxies of ours stand in front; only that many entries of X-Forwarded-For are believed.
TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", default=0)
RATE_LIMITS: dict[str, str] = {
    "address": env("RATE_LIMIT_ADDRESS", default="6000/m"),
    "anonymous": env("RATE_LIMIT_ANONYMOUS", default="120/m"),
    "user": env("RATE_LIMIT_USER", default="3000/m"),
    "key": env("RATE_LIMIT_KEY", default="3000/m"),
    # Log-ins and token refreshes from one address; allauth counts failures by itself.
    "login": env("RATE_LIMIT_LOGIN", default="60/m"),
    "orders": env("RATE_LIMIT_ORDERS", default="600/m"),
    # The TradingView datafeed, for each token, and for each address without one.
    "udf": env("RATE_LIMIT_UDF", default="1200/m"),
}

# Who may look inside.
METRICS_ALLOWED_ADDRESSES: list[str] = env.list("METRICS_ALLOWED_ADDRESSES", default=["127.0.0.1", "::1"])
METRICS_TOKEN: str = env("METRICS_TOKEN", default="")

# Time-outs, seconds.
DATABASE_CONNECT_TIMEOUT = 3
DATABASE_STATEMENT_TIMEOUT = 15
DATABASE_LOCK_TIMEOUT = 5
DATABASE_POOL_TIMEOUT = 3
CACHE_SOCKET_TIMEOUT: float = 1.0
HEALTH_CHECK_TIMEOUT: float = 2.0
EMAIL_TIMEOUT = 10
# Name → dotted path of a function that returns when all is well and raises `core.errors.Unavailable` when not.
READINESS_CHECKS: dict[str, str] = {
    "database": "core.health.check_database",
    "cache": "core.health.check_cache",
    "broker": "core.health.check_broker",
    "workers": "core.health.check_workers",
    "feed": "config.readiness.check_feed",
    "runs": "trading.strategies.selectors.runs.health.check_runs",
}


def postgresql_options(*, pooled: bool) -> dict[str, object]:
    """psycopg options with every time-out set; with a pool, exhaustion is an error after DATABASE_POOL_TIMEOUT."""
    options: dict[str, object] = {
        "connect_timeout": DATABASE_CONNECT_TIMEOUT,
        "options": (
            f"-c statement_timeout={DATABASE_STATEMENT_TIMEOUT}s -c lock_timeout={DATABASE_LOCK_TIMEOUT}s"
            " -c idle_in_transaction_session_timeout=60s"
        ),
        "application_name": "sauda",
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
    }
    if pooled:
        options["pool"] = {
            "min_size": env.int("DATABASE_POOL_MIN", default=2),
            "max_size": env.int("DATABASE_POOL_MAX", default=10),
            "timeout": DATABASE_POOL_TIMEOUT,
            "max_waiting": 100,
        }
    return options


def redis_cache(url: str) -> dict[str, object]:
    """The shared cache; sockets time out, so a dead Redis is a quick 503 and never a hang."""
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "sauda",
        "OPTIONS": {
            "SOCKET_TIMEOUT": CACHE_SOCKET_TIMEOUT,
            "SOCKET_CONNECT_TIMEOUT": CACHE_SOCKET_TIMEOUT,
            "CONNECTION_POOL_KWARGS": {"max_connections": 100},
        },
    }
