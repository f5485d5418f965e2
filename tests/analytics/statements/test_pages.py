"""Statements by page and by API: the form, the wizard, differences, and who may do what."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import User
from analytics.models import Statement
from core import clock
from tests.analytics.statements.conftest import csv_of, deal, tradebook
from tests.factories import make_member
from tests.orders.desk import Desk

PAGE, API = "/analytics/statements/", "/api/v1/statements"


def client_of(user_id: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def trader(desk: Desk) -> Client:
    return client_of(desk.trader.user_id)


def form(desk: Desk, content: bytes, name: str = "book.csv", **more: object) -> dict[str, Any]:
    return {"account": str(desk.account.id), "file": SimpleUploadedFile(name, content), "day_first": "true", **more}


def test_a_file_comes_in_by_the_page_and_its_differences_are_shown(desk: Desk, trader: Client) -> None:
    fills = deal(desk)
    answer = trader.post(PAGE, form(desk, tradebook(fills, price="90")), follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "book.csv" in text
    assert "told otherwise" in text
    again = trader.post(PAGE, form(desk, tradebook(fills, price="90")), follow=True)
    assert "was imported before" in again.content.decode()
    assert Statement.objects.count() == 1
    assert "book.csv" in trader.get(PAGE).content.decode()


def test_a_bad_file_is_told_beside_the_form(desk: Desk, trader: Client) -> None:
    answer = trader.post(PAGE, form(desk, b"a,b\n1,2\n"))
    assert answer.status_code == 422
    assert "its columns were not found" in answer.content.decode()
    nothing = trader.post(PAGE, {"account": str(desk.account.id)})
    assert nothing.status_code == 422


def test_the_wizard_shows_the_columns_and_reads_by_them(desk: Desk, trader: Client) -> None:
    (fill, *_) = deal(desk)
    day = clock.trading_date(fill.traded_at)
    rows = [["When", "Ticker", "Dir", "Lots of", "Px"], [day.isoformat(), "RELIANCE", "B", fill.quantity, "100"]]
    content = csv_of(rows)
    looked = trader.post(f"{PAGE}columns/", form(desk, content, format="own", kind="TRADES")).content.decode()
    assert 'name="map-date"' in looked
    assert "Lots of" in looked
    assert "<td>RELIANCE</td>" in looked
    columns = {
        "map-date": "When",
        "map-symbol": "Ticker",
        "map-side": "Dir",
        "map-quantity": "Lots of",
        "map-price": "Px",
    }
    answer = trader.post(PAGE, form(desk, content, format="own", kind="TRADES", **columns), follow=True)
    assert "generic" not in answer.content.decode()
    assert Statement.objects.get().format == "generic"


def test_the_api_imports_previews_compares_and_deletes(desk: Desk, trader: Client) -> None:
    content = tradebook(deal(desk))
    preview = trader.post(f"{API}/preview", {"file": SimpleUploadedFile("x.csv", content)}).json()
    assert preview["format"] == "zerodha-tradebook"
    first = trader.post(API, form(desk, content))
    assert first.status_code == 201, first.content
    second = trader.post(API, form(desk, content))
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    url = f"{API}/{first.json()['id']}"
    assert trader.get(f"{url}/differences").json()["agrees"] is True
    rows = trader.get(f"{url}/rows").json()["results"]
    assert [row["instrument"] for row in rows] == [desk.instrument.key] * len(rows)
    assert [each["id"] for each in trader.get(f"{API}?kind=TRADES").json()["results"]] == [first.json()["id"]]
    assert trader.get(f"{API}?kind=LEDGER").json()["results"] == []
    assert trader.delete(url).status_code == 204
    assert trader.get(url).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"file": b""}, 400, "file_empty"),
        ({"file": b"\x00\x01"}, 400, "file_unreadable"),
        ({"format": "unheard"}, 400, "invalid_input"),
        ({"mapping": "[]"}, 400, "invalid_input"),
        ({"mapping": "[" * 3_000, "kind": "TRADES"}, 400, "invalid_input"),
        ({"mapping": json.dumps({"date": "x"}), "kind": "TRADES"}, 400, "mapping_incomplete"),
        ({"account": "00000000-0000-7000-8000-000000000000"}, 404, "unknown_account"),
        ({"sheet": "Second"}, 400, "sheet_unknown"),
    ],
)
def test_bad_uploads_are_answered_with_a_code(
    desk: Desk, trader: Client, change: dict[str, Any], status: int, code: str
) -> None:
    body = form(desk, tradebook([]) + b"x,y\n")
    if "file" in change:
        change = {**change, "file": SimpleUploadedFile("f.csv", change["file"])}
    answer = trader.post(API, {**body, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Statement.objects.exists()


def test_an_outsider_finds_nothing_and_a_viewer_may_not(desk: Desk, trader: Client) -> None:
    made = trader.post(API, form(desk, tradebook(deal(desk)))).json()["id"]
    outsider = client_of(make_member(Role.OWNER).user_id)
    for url in (f"{PAGE}{made}/", f"{API}/{made}", f"{API}/{made}/differences", f"{API}/{made}/rows"):
        assert outsider.get(url).status_code == 404
    assert outsider.post(f"{PAGE}{made}/delete/").status_code == 404
    viewer = client_of(make_member(Role.VIEWER, desk.organisation).user_id)
    assert viewer.get(PAGE).status_code == 403
    analyst = client_of(make_member(Role.ANALYST, desk.organisation).user_id)
    assert analyst.get(PAGE).status_code == 200
    assert "Import a file" not in analyst.get(PAGE).content.decode()
    assert analyst.post(API, form(desk, b"a")).status_code == 403
