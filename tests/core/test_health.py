"""Health, readiness and metrics."""

import time

import pytest
from django.conf import LazySettings
from django.test import Client

from core.errors import Unavailable


def fine() -> None:
    pass


def down() -> None:
    raise Unavailable("gone fishing")


def slow() -> None:
    time.sleep(1)


def test_alive_asks_nobody(client: Client) -> None:
    response = client.get("/healthz")
    assert response.json() == {"status": "ok"}


def test_ready_when_every_part_answers(client: Client, settings: LazySettings) -> None:
    settings.READINESS_CHECKS = {"a": f"{__name__}.fine", "b": f"{__name__}.fine"}
    response = client.get("/readyz")
    assert response.status_code == 200
    assert set(response.json()["components"]) == {"a", "b"}


def test_one_part_down_is_503_and_named(client: Client, settings: LazySettings) -> None:
    settings.READINESS_CHECKS = {"a": f"{__name__}.fine", "b": f"{__name__}.down"}
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response["Retry-After"]
    components = response.json()["components"]
    assert components["a"]["ok"]
    assert components["b"] == {"ok": False, "detail": "gone fishing", "milliseconds": pytest.approx(0, abs=500)}


def test_a_part_that_hangs_is_reported_in_time(client: Client, settings: LazySettings) -> None:
    settings.HEALTH_CHECK_TIMEOUT = 0.1
    settings.READINESS_CHECKS = {"a": f"{__name__}.slow"}
    assert client.get("/readyz").json()["components"]["a"]["detail"] == "no answer in time"


@pytest.mark.django_db(transaction=True)
def test_the_real_parts_answer(client: Client, settings: LazySettings) -> None:
    settings.READINESS_CHECKS = {name: f"core.health.check_{name}" for name in ("database", "cache", "broker")}
    response = client.get("/readyz")
    assert response.status_code == 200, response.json()


def test_a_dead_cache_is_found_within_its_time_out(client: Client, settings: LazySettings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5},
        }
    }
    settings.READINESS_CHECKS = {"cache": "core.health.check_cache"}
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_metrics_are_told_to_allowed_addresses_and_token_bearers_only(
    client: Client, settings: LazySettings
) -> None:
    settings.METRICS_ALLOWED_ADDRESSES = ["10.0.0.0/8"]
    settings.METRICS_TOKEN = "scrape-me"
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert (
        client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer nope"}).status_code
        == 404
    )
    response = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer scrape-me"})
    assert b"sauda_http_request_seconds" in response.content
