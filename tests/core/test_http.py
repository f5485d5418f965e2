"""What every answer has: an id, bounds, security headers and errors without a stack trace."""

import json

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Conflict, Unavailable

SECRET_DETAIL = "SELECT password FROM users"


class Failing(APIView):
    authentication_classes = ()
    permission_classes = ()
    error: Exception = Conflict("Already filled.", code="order_final")

    def get(self, request: Request) -> Response:
        raise self.error

    post = get


def failing_page(request: HttpRequest) -> HttpResponse:
    raise Unavailable("The feed is mute.", retry_after=7)


def broken_page(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError(SECRET_DETAIL)


def fine_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


urlpatterns = [
    path("api/v1/conflict", Failing.as_view()),
    path("api/v1/down", Failing.as_view(error=OperationalError(SECRET_DETAIL))),
    path("api/v1/bug", Failing.as_view(error=ZeroDivisionError(SECRET_DETAIL))),
    path("unavailable/", failing_page),
    path("broken/", broken_page),
    path("fine/", fine_page),
    path("", include("config.urls")),
]
handler404 = "core.http.answers.not_found"
handler500 = "core.http.answers.server_error"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def outside() -> Client:
    return Client(raise_request_exception=False)


def test_a_sane_request_id_is_echoed(outside: Client) -> None:
    assert outside.get("/fine/", headers={"X-Request-ID": "click-0042"})["X-Request-ID"] == "click-0042"


@pytest.mark.parametrize("offered", ["", "short", "a b c d e f g h", "x" * 65, 'evil"id<script>'])
def test_a_harmful_request_id_is_replaced(outside: Client, offered: str) -> None:
    assert outside.get("/fine/", headers={"X-Request-ID": offered})["X-Request-ID"] != offered


def test_an_error_of_the_tree_becomes_a_problem_with_its_code(outside: Client) -> None:
    response = outside.get("/api/v1/conflict", headers={"X-Request-ID": "click-0042"})
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["code"] == "order_final"
    assert body["detail"] == "Already filled."
    assert body["request_id"] == "click-0042"
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "request_id"}


def test_a_database_that_does_not_answer_is_503_with_retry_after(outside: Client) -> None:
    response = outside.get("/api/v1/down")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert SECRET_DETAIL not in response.content.decode()


@pytest.mark.parametrize("address", ["/api/v1/bug", "/broken/"])
def test_a_bug_is_500_and_tells_nothing_of_itself(outside: Client, address: str) -> None:
    response = outside.get(address)
    assert response.status_code == 500
    assert SECRET_DETAIL not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_a_malformed_body_is_a_problem(outside: Client) -> None:
    class_response = outside.post("/api/v1/conflict", "{", content_type="application/json")
    assert class_response.status_code == 409  # the body is read only by views that want it
    assert outside.get("/api/v1/nowhere").json()["code"] == "not_found"


def test_people_get_a_page_and_htmx_gets_a_problem(outside: Client) -> None:
    page = outside.get("/unavailable/")
    assert page.status_code == 503
    assert page["Retry-After"] == "7"
    assert page["Content-Type"].startswith("text/html")
    assert "The feed is mute." in page.content.decode()
    partial = outside.get("/unavailable/", headers={"HX-Request": "true"})
    assert partial.json()["detail"] == "The feed is mute."


def test_unknown_page_is_a_page_of_ours(outside: Client) -> None:
    response = outside.get("/no/such/page/")
    assert response.status_code == 404
    assert "Sauda" in response.content.decode()


def test_a_body_announced_too_large_is_refused_before_it_is_read(outside: Client) -> None:
    response = outside.post("/api/v1/conflict", b"x" * (1024 * 1024 + 1), content_type="application/json")
    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"


def test_pages_carry_the_strict_policy(outside: Client) -> None:
    response = outside.get("/fine/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/api/docs/", "/api/redoc/"])
def test_the_readers_of_the_schema_load_only_our_own_scripts(outside: Client, address: str) -> None:
    response = outside.get(address)
    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "http" not in response.content.decode().replace("http-equiv", "")


def test_cors_answers_only_named_origins(outside: Client) -> None:
    with override_settings(CORS_ALLOWED_ORIGINS=["https://desk.example"]):
        allowed = outside.get("/api/v1/conflict", headers={"Origin": "https://desk.example"})
        stranger = outside.get("/api/v1/conflict", headers={"Origin": "https://evil.example"})
    assert allowed["Access-Control-Allow-Origin"] == "https://desk.example"
    assert "Access-Control-Allow-Origin" not in stranger
