"""Structured logging: whoever logs, the line carries the request id and no secret."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|api_?key|access_?key|private_?key|cookie|session_?(id|key)"
    r"|csrf|otp|totp|recovery|credential|signature|\bpin\b",
    re.IGNORECASE,
)
# Names that only look secret: identifiers that logs need.
_HARMLESS_NAMES = frozenset({"token_type", "api_key_id", "idempotency_key", "token_count"})
_SECRET_VALUES = [
    # Authorization headers, wherever they turn up.
    (re.compile(r"\b(Bearer|Basic|Api-Key|Token)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {REDACTED}"),
    # JSON web tokens.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"), REDACTED),
    # user:password@ in URLs.
    (re.compile(r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"), REDACTED),
    # name=value and "name": "value" in text, query strings and dumped bodies.
    (
        re.compile(
            r"(?i)([\"']?\b(?:password|passwd|secret|client_secret|token|access_token|refresh_token|api_?key|otp"
            r"|ticket|sessionid|csrftoken|authorization)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}\])]+"
        ),
        rf"\g<1>{REDACTED}",
    ),
]
_MAX_DEPTH = 6


def redact_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: blots out values under secret names and secrets inside any text, at any depth."""
    return {name: _clean(name, value, 0) for name, value in event.items()}


def redact_text(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern, replacement in _SECRET_VALUES:
        text = pattern.sub(replacement, text)
    return text


def _clean(name: str, value: Any, depth: int) -> Any:
    if name not in _HARMLESS_NAMES and _SECRET_NAME.search(name) and value not in (None, "", True, False):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return redact_text(value.decode("utf-8", "replace"))
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {key: _clean(str(key), inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner, depth + 1) for inner in value]
    return value if value is None or isinstance(value, int | float) else redact_text(str(value))


def shared_processors() -> list[Processor]:
    """What every line passes, from structlog or from the standard library."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def formatter(style_name: str, foreign_pre_chain: list[Processor], **_: Any) -> logging.Formatter:
    """The logging formatter: tracebacks are rendered to text first, so that redaction sees them too."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style_name == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=foreign_pre_chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact_secrets,
            renderer,
        ],
    )


def configure_structlog() -> None:
    """Route structlog through the standard library, so that one handler formats everything."""
    structlog.configure(
        # First, so that a line below the level costs nothing.
        processors=[
            structlog.stdlib.filter_by_level,
            *shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
