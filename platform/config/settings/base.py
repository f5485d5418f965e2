"""What holds in every installation."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_stubs_ext
from kombu import Queue

from .environment import ROOT, env
from .logs import *  # noqa: F403
from .schema import *  # noqa: F403
from .sign_in import *  # noqa: F403
from .web import *  # noqa: F403

# Lets ModelAdmin[Model] and its like be written at run time, as the type checker wants them.
django_stubs_ext.monkeypatch()

BASE_DIR = ROOT
DATA_DIR = ROOT / ".demo"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "corsheaders",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "django_celery_beat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "config",
    "core",
    "notifications",
    "accounts",
    "trading.instruments",
    "trading.marketdata",
    "trading.brokers",
    "trading.portfolio",
    "trading.orders",
    "trading.alerts",
    "trading.strategies",
    "riskmgmt",
    "analytics",
    "backtests",
]

MIDDLEWARE = [
    "core.http.request_id.RequestIdMiddleware",
    "core.metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.http.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "core.http.limits.BodyLimitMiddleware",
    "core.http.limits.AddressLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TenantMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "core.http.errors.ErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context_processors.desk",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en-in"
TIME_ZONE = "Asia/Kolkata"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.HeaderAuthentication",
        "accounts.authentication.BrowserAuthentication",
    ],
    # Closed unless a view says otherwise.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.BoundedJSONParser"],
    "EXCEPTION_HANDLER": "core.api.errors.problem_exception_handler",
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPage",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.CallerThrottle"],
}

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# A worker takes all queues unless it is told otherwise (-Q routing): a slow report must not hold up an order.
CELERY_TASK_QUEUES = [Queue("default"), Queue("routing"), Queue("backtests")]
CELERY_TASK_ROUTES = {"orders.route*": {"queue": "routing"}, "backtests.work": {"queue": "backtests"}}
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
# Far above the longest task, or Redis would hand out a second time what still runs. No task has a later ETA.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 7200}
CELERY_TIMEZONE = "Asia/Kolkata"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Beat writes these into its tables when it starts (core.beat); a run that waited too long is dropped.
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "orders.sweep_paper": {"task": "orders.sweep_paper", "schedule": 1.0, "options": {"expires": 2}},
    "orders.route_sweep": {"task": "orders.route_sweep", "schedule": 1.0, "options": {"expires": 2}},
    "orders.sweep_triggers": {"task": "orders.sweep_triggers", "schedule": 1.0, "options": {"expires": 2}},
    "orders.sweep_orphans": {"task": "orders.sweep_orphans", "schedule": 10.0, "options": {"expires": 20}},
    "orders.release": {"task": "orders.release", "schedule": 3.0, "options": {"expires": 6}},
    "orders.expire": {"task": "orders.expire", "schedule": 30.0, "options": {"expires": 60}},
    "risk.watch": {"task": "risk.watch", "schedule": 1.0, "options": {"expires": 2}},
    # Several looks a minute, of which one writes: a beat of exactly a minute would now and then leave one out.
    "risk.mark": {"task": "risk.mark", "schedule": 15.0, "options": {"expires": 15}},
    "risk.prune_marks": {"task": "risk.prune_marks", "schedule": 3600.0, "options": {"expires": 3600}},
    "orders.open_day": {"task": "orders.open_day", "schedule": 30.0, "options": {"expires": 60}},
    "orders.close_days": {"task": "orders.close_days", "schedule": 60.0, "options": {"expires": 120}},
    "orders.settle_deliveries": {"task": "orders.settle_deliveries", "schedule": 60.0, "options": {"expires": 120}},
    "orders.square_off": {"task": "orders.square_off", "schedule": 10.0, "options": {"expires": 20}},
    # The minutes between marks are what a margin may lag behind prices; each also names the posting.
    "portfolio.refresh_margins": {
        "task": "portfolio.refresh_margins",
        "schedule": 180.0,
        "options": {"expires": 180},
    },
    "marketdata.keep_partitions": {
        "task": "marketdata.keep_partitions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "marketdata.backfills": {"task": "marketdata.backfills", "schedule": 15.0, "options": {"expires": 30}},
    "marketdata.sweep_days": {"task": "marketdata.sweep_days", "schedule": 600.0, "options": {"expires": 600}},
    "backtests.ring": {"task": "backtests.ring", "schedule": 10.0, "options": {"expires": 20}},
    # Today's row follows the day, and the last days what was told late of them.
    "analytics.take_snapshots": {
        "task": "analytics.take_snapshots",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "core.trim_streams": {"task": "core.trim_streams", "schedule": 3600.0, "options": {"expires": 3600}},
}

# The brokerage plan (rows in the admin) that paper trades are charged under.
PAPER_BROKERAGE_PLAN = "paper"

# Orders fail closed: with no gate listed here every order is refused.
PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
# Whether a kill switch is released only by two people: one who asks, another who confirms.
KILL_SWITCH_RELEASE_BY_ANOTHER = False
# How long the marks of every minute are kept.
RISK_MARKS_KEEP_DAYS = env.int("RISK_MARKS_KEEP_DAYS", default=90)
# Beyond this distance from the last price (per cent) a MARKET order does not fill.
MARKET_PROTECTION_PERCENT = Decimal(3)
# How far from the last price (per cent of it) a trigger may be set; a premium moves by many times its price.
TRIGGER_BAND_PERCENT = Decimal(50)
OPTION_TRIGGER_BAND_PERCENT = Decimal(1000)
# Orders that one request may ask for, and exchange orders that one of them may be sliced into.
ORDER_GROUP_LEGS = 50
ORDER_SLICES_MAX = 100
# Called, each on its own thread, with the quotes that changed since it last returned.
MARKET_LISTENERS = [
    "trading.orders.paper.matcher.PaperMatcher",
    "trading.orders.monitor.listener.TriggerMonitor",
    "trading.marketdata.feeds.chain_recorder.ChainRecorder",
]

# Where the datafeed learns of the caller's own trades, which market data knows nothing of.
CHART_FILLS = "trading.orders.selectors.chart_fills.chart_fills"

# Where the market overview learns of sectors, which risk keeps.
SECTOR_SOURCE = "riskmgmt.selectors.sectors.sectors"

# What sockets can subscribe to, and who finds out whose they are.
SOCKET_TOPICS = [
    "trading.marketdata.consumers.QuoteTopic",
    "trading.marketdata.consumers.CandleTopic",
    "trading.marketdata.consumers.IndicatorTopic",
    "trading.marketdata.consumers.ChainTopic",
    "trading.orders.consumers.OrderTopic",
    "trading.portfolio.consumers.PositionTopic",
    "notifications.consumers.NotificationTopic",
]
SOCKET_AUTHENTICATOR = "accounts.sockets.authenticate"
SOCKETS_PER_USER = env.int("SOCKETS_PER_USER", default=100)
SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=500)

# Figures that belong to the installation, not to the process that is asked for them.
METRICS_COLLECTORS = [
    "trading.marketdata.metrics.FeedCollector",
    "trading.strategies.metrics.FleetCollector",
    "backtests.metrics.QueueCollector",
]

# What `manage.py bench` can measure.
BENCHES = {
    "analytics": "analytics.benches.AnalyticsBench",
    "backtest": "backtests.benches.BacktestBench",
    "cache": "config.benches.cache.CacheBench",
    "chain": "trading.marketdata.benches.ChainBench",
    "candles": "trading.marketdata.benches.CandlesBench",
    "fanout": "config.benches.fanout.FanoutBench",
    "indicators": "trading.marketdata.benches.IndicatorsBench",
    "http": "config.benches.http.HttpBench",
    "margin": "config.benches.margin.MarginBench",
    "orders": "trading.orders.benches.orders.OrderBench",
    "triggers": "trading.orders.benches.triggers.TriggerBench",
    "results": "backtests.benches.ResultsBench",
    "search": "trading.instruments.benches.SearchBench",
    "strategies": "trading.strategies.benches.StrategiesBench",
    "udf": "trading.marketdata.benches.UdfBench",
}

# The desk's own strategies as files, next to those of the house and of installed packages (docs/strategies.md).
STRATEGY_FOLDER: str = env("STRATEGY_FOLDER", default="")
# What the process of own code may have. Strict: where the kernel cannot close it off, it is refused.
STRATEGY_SANDBOX: dict[str, Any] = {
    "memory_mb": 512,
    "cpu_seconds": 3600,
    "hook_seconds": 5.0,
    "strict": env.bool("STRATEGY_SANDBOX_STRICT", default=False),
}

# What an organisation may ask of the backtester unless a row in the admin says otherwise (docs/backtests.md).
BACKTEST_QUOTA = {
    "running": 2,
    "waiting": 50,
    "cells": 10_000,
    "bars": 5_000_000,
    "bar_cells": 2_000_000_000,
    "kept": 2_000,
}
# A single run that works longer is failed; sweeps and walk-forwards work in turns and have no such bound.
BACKTEST_TIME_LIMIT = timedelta(minutes=30)

# True only where a simulated market stands in for the exchange: its session never closes.
SIMULATED_MARKET_ALWAYS_OPEN = False
# Whether intraday positions are squared off by the clock in a simulated market that never closes.
SQUARE_OFF_SIMULATED = False
QUOTE_STALE_AFTER: timedelta = timedelta(seconds=15)
FEED_MUTE_AFTER: timedelta = timedelta(seconds=3)

# Months of candles and option minutes that have their partition before they begin (PostgreSQL).
CANDLE_PARTITIONS_AHEAD = 3
# Whole months of minutes that are kept before the current one; 0 keeps all. Daily bars stay in any case.
CANDLE_RETENTION_MONTHS = env.int("CANDLE_RETENTION_MONTHS", default=0)
# The same of what is kept of option chains beside their candles: books, forwards, volatilities of then.
OPTION_RETENTION_MONTHS = env.int("OPTION_RETENTION_MONTHS", default=0)
# What becomes of older ones: "drop", or "detach", which leaves them as tables of their own for an archive.
CANDLE_RETIREMENT: str = env("CANDLE_RETIREMENT", default="drop")
# Days for which what `run_feed --record` wrote is kept; 0 keeps all.
RECORDING_KEEP_DAYS = env.int("RECORDING_KEEP_DAYS", default=0)
# Who is asked for missing candles (docs/market-data.md); the first is the default.
HISTORY_SOURCES = {"folder": "trading.marketdata.history.folder.FolderHistory"}
HISTORY_FOLDER: str = env("HISTORY_FOLDER", default="")

# Live orders (docs/routing.md). The simulator stands in for a broker: on this machine unless REMOTE says otherwise.
BROKER_SIMULATOR_URL: str = env("BROKER_SIMULATOR_URL", default="")
BROKER_SIMULATOR_REMOTE = env.bool("BROKER_SIMULATOR_REMOTE", default=False)
# Part of the database's fingerprint: another value begins a new epoch, in which nothing older is sent.
ROUTE_EPOCH: str = env("ROUTE_EPOCH", default="")
# An order that could not be sent within this time of its acceptance is not sent any more.
ROUTE_MAX_AGE = timedelta(seconds=30)
# From the claim of an order to its first byte; a worker that was frozen longer does not send.
ROUTE_SEND_WITHIN = timedelta(seconds=5)
# How long an order call may take; an order found in ROUTING for longer than both together is UNKNOWN.
BROKER_CALL_TIMEOUT = timedelta(seconds=10)
# An UNKNOWN order is presumed not placed after so long and so many good reads of the book without it, never before.
ROUTE_PRESUME_AFTER = timedelta(seconds=60)
ROUTE_PRESUME_READS = 5
# Without a good read for this long an account has to be reconciled anew before it may trade.
ROUTE_STALE_AFTER = timedelta(seconds=60)
# For how long one process looks after an account alone; a round that takes longer is joined by another, harmlessly.
ROUTE_LEASE = timedelta(seconds=10)
# How often the books are read while nothing is at the broker, and how often positions are compared.
ROUTE_IDLE_READ = timedelta(seconds=10)
ROUTE_POSITIONS_EVERY = timedelta(seconds=60)
