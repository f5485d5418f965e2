"""Canaries: a secret that passes through any way of logging is not in the line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from core.logging import formatter, redact_text, shared_processors

CANARY = "canary-4711-do-not-sing"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.c2lnbmF0dXJlLWNhbmFyeQ"


@pytest.fixture(params=["json", "console"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(request.param, shared_processors()))
    logger = logging.getLogger("canary")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "access_token",
        "Authorization",
        "api_key",
        "otp",
        "SECRET_KEY",
        "sessionid",
        "csrftoken",
        "client_secret",
    ],
)
def test_values_under_secret_names_are_blotted_out(lines: io.StringIO, name: str) -> None:
    logging.getLogger("canary").info("signing in", extra={name: CANARY, "nested": [{"deep": {name: CANARY}}]})
    structlog.get_logger("canary").info("signing in", **{name: CANARY})
    assert lines.getvalue()
    assert CANARY not in lines.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"header was Api-Key {CANARY}",
        f"postgres://sauda:{CANARY}@db/sauda",
        f"/ws/stream?ticket={CANARY}&x=1",
        f'{{"password": "{CANARY}", "email": "a@b.c"}}',
        f"access_token={CANARY}",
    ],
)
def test_secrets_inside_text_are_blotted_out(lines: io.StringIO, text: str) -> None:
    logger = logging.getLogger("canary")
    logger.info(text)
    logger.info("%s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("failed")
    assert CANARY not in lines.getvalue()


def test_json_web_tokens_are_blotted_out() -> None:
    assert JWT not in redact_text(f"token was {JWT}.")


def test_what_is_not_secret_stays(lines: io.StringIO) -> None:
    logging.getLogger("canary").info("order accepted", extra={"order_id": "0199-abc", "quantity": 10})
    assert "0199-abc" in lines.getvalue()
    assert "10" in lines.getvalue()


def test_the_request_id_is_on_every_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json", shared_processors()))
    logger = logging.getLogger("canary.id")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    with structlog.contextvars.bound_contextvars(request_id="click-0042"):
        logger.info("deep inside a library")
    assert json.loads(stream.getvalue())["request_id"] == "click-0042"
