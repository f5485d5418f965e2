"""Structured logs: one JSON object a line in production, readable lines elsewhere; secrets are blotted out."""

from typing import Any

from core.logging import configure_structlog, shared_processors

from .environment import env

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOG_FORMAT = env("LOG_FORMAT", default="json")

configure_structlog()

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "core.logging.formatter",
            "style_name": "json",
            "foreign_pre_chain": shared_processors(),
        },
        "console": {
            "()": "core.logging.formatter",
            "style_name": "console",
            "foreign_pre_chain": shared_processors(),
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Ours logs each request once, with its id; the servers' own access logs would only repeat it.
        "uvicorn.access": {"level": "WARNING"},
        "uvicorn": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "ERROR"},
    },
}
