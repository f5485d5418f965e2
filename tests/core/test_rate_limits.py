"""Rate limits: exact, shared, told in headers, stricter where a scope says so."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.throttling import Rate, rate_take


class Quick(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_scope = "orders"

    def get(self, request: Request) -> Response:
        return Response({})

    post = get


urlpatterns = [path("api/v1/quick", Quick.as_view())]

pytestmark = pytest.mark.urls(__name__)


@given(limit=st.integers(1, 10**6), unit=st.sampled_from(["s", "m", "h"]))
def test_a_rate_reads_back_what_was_written(limit: int, unit: str) -> None:
    assert Rate.parse(f"{limit}/{unit}") == Rate(limit, {"s": 1, "m": 60, "h": 3600}[unit])


@pytest.mark.parametrize("text", ["", "10", "0/m", "-1/m", "ten/m", "10/d", "1.5/m"])
def test_a_malformed_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        Rate.parse(text)


def test_a_window_allows_exactly_its_limit_under_parallel_requests() -> None:
    def take(_: int) -> bool:
        return rate_take("parallel", Rate(10, 60), at=1_000_020.0).allowed

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(40))) == 10


def test_the_next_window_starts_afresh() -> None:
    rate = Rate(1, 60)
    assert rate_take("fresh", rate, at=60.0).allowed
    assert not rate_take("fresh", rate, at=119.0).allowed
    assert rate_take("fresh", rate, at=120.0).allowed


def test_headers_tell_where_the_caller_stands(client: Client, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {"address": "100/m", "anonymous": "2/m", "orders": "100/m"}
    first = client.get("/api/v1/quick")
    assert first["RateLimit-Limit"] == "2"
    assert first["RateLimit-Remaining"] == "1"
    assert 1 <= int(first["RateLimit-Reset"]) <= 60
    client.get("/api/v1/quick")
    refused = client.get("/api/v1/quick")
    assert refused.status_code == 429
    assert refused["RateLimit-Remaining"] == "0"
    assert int(refused["Retry-After"]) >= 1
    assert refused.json()["code"] == "too_many_requests"


def test_a_scope_is_stricter_for_writes_only(client: Client, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {"address": "100/m", "anonymous": "100/m", "orders": "1/m"}
    assert client.post("/api/v1/quick").status_code == 200
    assert client.post("/api/v1/quick").status_code == 429
    assert client.get("/api/v1/quick").status_code == 200


def test_an_address_is_limited_before_anybody_is_authenticated(client: Client, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {"address": "1/m", "anonymous": "100/m", "orders": "100/m"}
    assert client.get("/api/v1/quick").status_code == 200
    refused = client.get("/api/v1/quick")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"


def test_a_forged_forwarded_header_does_not_change_the_address(client: Client, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {"address": "1/m", "anonymous": "100/m", "orders": "100/m"}
    settings.TRUSTED_PROXY_COUNT = 1
    codes = [
        client.get("/api/v1/quick", headers={"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.9"}).status_code
        for n in range(2)
    ]
    assert codes == [200, 429]
