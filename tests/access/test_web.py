"""What a browser is protected from: forged posts, foreign hosts, redirects, scripts in names, inline code."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from accounts.models import ApiKey, Membership, Organisation, User
from core.tenancy import tenant_scope
from notifications.models import Notification
from tests.access.routes import ROUTES, Who
from tests.access.test_matrix import _addresses, _send
from tests.access.world import Desk, client_of, make_desks
from tests.factories import PASSWORD, make_member, make_user
from trading.alerts.models import Watchlist
from trading.instruments.models import Instrument
from trading.orders.models import Order
from trading.portfolio.models import Position, TradingAccount

pytestmark = pytest.mark.django_db

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"{{7*7}}"


@pytest.fixture
def desk(settings: Settings) -> Desk:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.READINESS_CHECKS = {}
    return make_desks()[0]


def test_every_unsafe_request_of_a_session_needs_the_csrf_token(desk: Desk) -> None:
    browser = client_of(desk.members[Role.OWNER].user)
    browser.handler.enforce_csrf_checks = True
    unguarded = {}
    for route in ROUTES:
        # Logging in and refreshing prove themselves by what they carry and look at no session.
        if route.method == "GET" or (route.is_api and route.who is Who.ANYBODY):
            continue
        answer = _send(browser, route, desk, Role.OWNER)
        if answer.status_code != 403 or (not route.is_api and "csrf" not in _code(answer.content)):
            unguarded[f"{route.method} /{route.pattern}"] = answer.status_code
    assert unguarded == {}


def _code(content: bytes) -> str:
    return "csrf" if b"form is out of date" in content else ""


ALLAUTH_FOR_ANYBODY = {
    "login/",
    "logout/",
    "signup/",
    "inactive/",
    "confirm-email/",
    "confirm-email/<key>/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/<uidb36>-<key>/",
    "password/reset/key/done/",
}


def _allauth() -> set[str]:
    prefix = "accounts/"
    return {
        re.sub(r"\(\?P(<\w+>)[^)]*\)+", r"\1", address.removeprefix(prefix)).strip("^$").replace("^", "")
        for _, address in _addresses(get_resolver().url_patterns)
        if address.startswith(prefix)
    }


def test_allauths_pages_are_for_members_but_for_the_ways_in(desk: Desk) -> None:
    opened = {}
    for address in _allauth():
        path = "/accounts/" + re.sub(r"<[\w:]+>", "x", address)
        answer = Client(raise_request_exception=False).get(path)
        is_closed = answer.status_code in (401, 404, 405) or "/login/" in answer.headers.get("Location", "")
        if not is_closed:
            opened[address] = answer.status_code
    assert set(opened) <= ALLAUTH_FOR_ANYBODY, opened
    assert max(opened.values()) < 500


def _admin_pages() -> list[str]:
    pages = [reverse("admin:index"), reverse("admin:password_change")]
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"admin:{name}_{page}") for page in ("changelist", "add")]
        pages += [reverse(f"admin:{name}_{page}", args=[1]) for page in ("change", "delete", "history")]
    return pages


def test_staff_without_the_superusers_rights_reach_no_model_in_the_admin(desk: Desk) -> None:
    staff = make_user()
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    owner = client_of(desk.members[Role.OWNER].user)
    clerk = client_of(User.objects.get(pk=staff.pk))
    for page in _admin_pages():
        assert owner.get(page).status_code in (302, 403), page
        if page not in (reverse("admin:index"), reverse("admin:password_change")):
            # A missing object is told before a missing right is; the right is what the object's page would ask.
            assert clerk.get(page).status_code in (302, 403), page
    assert str(desk.organisation) not in clerk.get(reverse("admin:index")).content.decode()


def _name_everything(desk: Desk, name: str) -> None:
    Organisation.objects.filter(pk=desk.organisation.pk).update(name=name)
    Instrument.objects.update(name=name, symbol=name[:40])
    for role in (Role.OWNER, Role.TRADER):
        User.objects.filter(pk=desk.members[role].user_id).update(name=name)
        for kind in ("order", "position", "notification", "watchlist", "api_key", "invitation"):
            desk.object_id(kind, role)
    with tenant_scope(desk.organisation.id):
        TradingAccount.objects.update(name=name[:60], owner=desk.members[Role.OWNER].user)
        Watchlist.objects.update(name=name[:40])
        Order.objects.update(tag=name[:30], strategy=name[:30])
        ApiKey.objects.update(name=name[:80])
        Notification.objects.update(title=name, body=name, link="javascript:alert(1)")
        Position.objects.filter(pk=desk.object_id("position", Role.TRADER)).update(strategy=name[:30])


class _InlineCode(HTMLParser):
    """Collects whatever of a page would run or style without coming from a file of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        # What a browser takes for data, and never runs.
        is_data = named.get("type") == "application/json"
        is_ours = (named.get("src") or "").startswith("/static/")
        is_bare = tag == "style" or (tag == "script" and not (is_data or is_ours))
        handlers = [name for name in named if name == "style" or name.startswith("on")]
        links = [value for value in named.values() if (value or "").strip().lower().startswith("javascript:")]
        if is_bare or handlers or links:
            self.found.append(self.get_starttag_text() or tag)


def _inline_code(page: str) -> list[str]:
    parser = _InlineCode()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize("role", [Role.OWNER, Role.TRADER])
def test_no_page_runs_what_somebody_wrote_into_a_name_or_holds_inline_code(desk: Desk, role: Role) -> None:
    _name_everything(desk, NASTY)
    browser = client_of(User.objects.get(pk=desk.members[role].user_id))
    wrong = {}
    seen = 0
    for route in ROUTES:
        if route.method != "GET" or route.is_api or route.pattern.startswith(("api/", "metrics")):
            continue
        answer = _send(browser, route, desk, role)
        is_page = answer.headers["Content-Type"].startswith("text/html")
        text = answer.content.decode() if is_page else ""
        inline = _inline_code(text)
        if inline:
            wrong[route.pattern] = inline
        policy = answer.headers.get("Content-Security-Policy", "")
        if "unsafe" in policy or not ("script-src 'self'" in policy or "default-src 'none'" in policy):
            wrong[f"{route.pattern} policy"] = [policy]
        seen += "&lt;script&gt;" in text
    assert wrong == {}
    assert seen > 5


def test_a_notification_leads_nowhere_but_to_our_own_pages(desk: Desk) -> None:
    browser = client_of(desk.members[Role.TRADER].user)
    one = desk.object_id("notification", Role.TRADER)
    for link in ("javascript:alert(1)", "//evil.test/", "https://evil.test/", "/\\evil.test/", "\\\\evil.test"):
        with tenant_scope(desk.organisation.id):
            Notification.objects.update(link=link)
        assert browser.post(f"/notifications/{one}/")["Location"] == "/notifications/", link


EVIL = ("//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "http:///evil.test")


@pytest.mark.parametrize("target", EVIL)
def test_no_next_leads_to_another_host(desk: Desk, target: str) -> None:
    member: Membership = desk.members[Role.OWNER]
    answers = [
        Client().post(f"/accounts/login/?next={target}", {"login": member.user.email, "password": PASSWORD}),
        Client().post("/accounts/login/", {"login": member.user.email, "password": PASSWORD, "next": target}),
        client_of(member.user).post("/accounts/logout/", {"next": target}),
        client_of(member.user).get(f"/accounts/login/?next={target}"),
        client_of(member.user).post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target}),
        client_of(member.user).post(
            "/organisation/switch/", {"organisation": str(desk.organisation.id), "next": target}
        ),
        client_of(member.user).post("/account/", {"account": str(desk.account.id), "next": target}),
        client_of(member.user).post(
            "/account/", {"account": str(desk.account.id)}, headers={"Referer": target, "HX-Current-URL": target}
        ),
    ]
    for answer in answers:
        for header in ("Location", "HX-Redirect", "HX-Location"):
            assert "evil" not in answer.headers.get(header, ""), answer.headers
            assert "javascript" not in answer.headers.get(header, ""), answer.headers


@pytest.mark.parametrize("headers", [{"Host": "evil.test"}, {"X-Forwarded-Host": "evil.test"}])
def test_a_foreign_host_gets_into_no_letter_and_no_link(desk: Desk, headers: dict[str, str]) -> None:
    member = desk.members[Role.OWNER]
    Client().post("/accounts/password/reset/", {"email": member.user.email}, headers=headers)
    body = {"email": "new@example.test", "role": "VIEWER"}
    path = f"/api/v1/organisations/{desk.organisation.id}/invitations"
    answer = client_of(member.user).post(path, json.dumps(body), content_type="application/json", headers=headers)
    assert b"evil" not in answer.content
    assert not any("evil" in letter.body for letter in mail.outbox)


def test_a_log_in_by_api_leaves_no_cookie_and_cookies_are_for_this_site_only() -> None:
    user = make_member(Role.TRADER).user
    body = {"email": user.email, "password": PASSWORD}
    assert not Client().post("/api/v1/auth/login", body, content_type="application/json").cookies
    cookies = Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD}).cookies
    assert set(cookies) >= {"sessionid"}
    for name in ("sessionid", "csrftoken"):
        if name in cookies:
            assert (cookies[name]["httponly"], cookies[name]["samesite"]) == (True, "Lax")


def _walked(patterns: list[URLPattern | URLResolver]) -> int:
    return sum(1 for _ in _addresses(patterns))


def test_nothing_of_allauth_headless_is_served_beside_our_own_log_in() -> None:
    assert _walked(get_resolver().url_patterns) > 100
    assert not [a for _, a in _addresses(get_resolver().url_patterns) if "_allauth" in a or "headless" in a]
