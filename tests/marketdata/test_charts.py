"""What members keep of their charts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.domain.actor import system_actor
from accounts.domain.permissions import Role
from accounts.models import Membership
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_instrument, make_member
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.chart import POINTS, ChartScale, ChartStyle, DrawingKind
from trading.marketdata.models import ChartDrawing
from trading.marketdata.selectors import chart_layout_for
from trading.marketdata.services import chart_drawing_save, chart_layout_save
from trading.marketdata.services import charts as services

pytestmark = pytest.mark.django_db

LOOK = {
    "interval": "15m",
    "style": "HEIKIN_ASHI",
    "scale": "LOG",
    "compare": [],
    "indicators": [{"name": "rsi", "params": {"period": 21}, "colours": {"rsi": "RED"}, "hidden": True}],
}
LINE = {
    "symbol": "NSE:RELIANCE",
    "kind": "TREND",
    "first_time": "2026-11-19T09:15:00+05:30",
    "first_price": "1402.00",
    "second_time": "2026-11-20T15:25:00+05:30",
    "second_price": "1424.5",
}
RELIANCE = "/api/v1/chart-layouts/NSE:RELIANCE"
DEFAULT = "/api/v1/chart-layouts/default"
AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PRICE = Decimal("100.00")


@pytest.fixture
def member() -> Membership:
    for key in ("NSE:RELIANCE", "NSE:TCS"):
        make_instrument(key)
    return make_member(Role.VIEWER)


@pytest.fixture
def client(member):
    return client_of(member.user)


def put(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.put(path, body, content_type="application/json")


def test_a_chart_looks_like_its_own_layout_then_the_default_then_the_houses(client):
    house = client.get(RELIANCE).json()
    assert (house["saved_for"], house["interval"], house["style"], house["indicators"]) == (
        None,
        "5m",
        "CANDLES",
        [],
    )
    assert put(client, DEFAULT, {"interval": "1d"}).json()["saved_for"] == "default"
    assert client.get(RELIANCE).json()["interval"] == "1d"
    assert put(client, RELIANCE, LOOK).status_code == 200
    assert client.get(RELIANCE).json() == {"saved_for": "NSE:RELIANCE", **LOOK}
    assert client.get("/api/v1/chart-layouts/NSE:TCS").json()["saved_for"] == "default"
    assert [one["saved_for"] for one in client.get("/api/v1/chart-layouts").json()["results"]] == [
        "NSE:RELIANCE",
        "default",
    ]
    for _ in range(2):
        assert client.delete(RELIANCE).status_code == 204
    assert client.get(RELIANCE).json()["saved_for"] == "default"


def test_saving_again_replaces_the_layout(client):
    for style in ("LINE", "AREA"):
        put(client, RELIANCE, {**LOOK, "style": style})
    (only,) = client.get("/api/v1/chart-layouts").json()["results"]
    assert only["style"] == "AREA"


def test_the_page_carries_the_layout(client):
    put(client, RELIANCE, LOOK)
    page = client.get("/chart/NSE:RELIANCE/").content.decode()
    assert "&quot;name&quot;:&quot;rsi&quot;" in page
    assert 'data-interval="15m" aria-pressed="true"' in page


@pytest.mark.parametrize(
    "bad",
    [
        {"interval": "7m"},
        {"style": "PANCAKES"},
        {"scale": "UPSIDE_DOWN"},
        {"compare": "NSE:TCS"},
        {"compare": ["NSE:TCS"] * 5},
        {"indicators": [{"name": "DROP TABLE"}]},
        {"indicators": [{"name": "rsi"}] * 13},
        {"indicators": [{"name": "rsi", "params": {"period": [1]}}]},
        {"indicators": [{"name": "rsi", "params": {"period": 1e300}}]},
        {"indicators": [{"name": "rsi", "params": {f"p{n}": 1 for n in range(21)}}]},
        {"indicators": [{"name": "rsi", "colours": {"rsi": "#ff0000"}}]},
        {"indicators": [{"name": "rsi", "params": {"source": "x" * 41}}]},
    ],
)
def test_a_bad_layout_is_told_what_is_wrong_and_nothing_is_kept(client, bad):
    answer = put(client, RELIANCE, {**LOOK, **bad})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert client.get(RELIANCE).json()["saved_for"] is None


@pytest.mark.parametrize(
    ("indicator", "status", "code"),
    [
        ({"name": "moonphase"}, 404, "unknown_indicator"),
        ({"name": "rsi", "params": {"length": 14}}, 400, "parameter_unknown"),
        ({"name": "rsi", "params": {"period": "many"}}, 400, "parameter_invalid"),
        ({"name": "rsi", "params": {"period": 100_000}}, 400, "parameter_out_of_bounds"),
        ({"name": "macd", "params": {"fast": 50}}, 400, "parameters_conflict"),
    ],
)
def test_only_indicators_that_can_be_drawn_are_kept(client, indicator, status, code):
    answer = put(client, RELIANCE, {**LOOK, "indicators": [indicator]})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_unknown_instruments_are_not_found_and_none_is_compared_with_itself(client):
    assert put(client, "/api/v1/chart-layouts/NSE:NOBODY", LOOK).status_code == 404
    answer = put(client, RELIANCE, {**LOOK, "compare": ["NSE:NOBODY"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_symbol")
    assert put(client, RELIANCE, {**LOOK, "compare": ["NSE:RELIANCE"]}).status_code == 400
    assert put(client, RELIANCE, {**LOOK, "compare": ["nse:tcs", "NSE:TCS"]}).json()["compare"] == ["NSE:TCS"]


def test_a_drawing_is_kept_changed_and_deleted_under_the_clients_id(client):
    path = f"/api/v1/chart-drawings/{uuid4()}"
    made = put(client, path, LINE)
    assert (made.status_code, made.json()["second_price"], made.json()["colour"]) == (201, "1424.50", "ACCENT")
    again = put(client, path, LINE)
    assert (again.status_code, again.json()) == (200, made.json())
    assert put(client, path, {**LINE, "colour": "RED"}).json()["colour"] == "RED"
    listed = client.get("/api/v1/chart-drawings?symbol=NSE:RELIANCE").json()["results"]
    assert [(one["id"], one["colour"]) for one in listed] == [(made.json()["id"], "RED")]
    assert client.get("/api/v1/chart-drawings?symbol=NSE:TCS").json()["results"] == []
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404


@pytest.mark.parametrize("kind", list(DrawingKind))
def test_each_kind_has_its_points_and_no_others(member, kind):
    actor, instrument = actor_for(member), make_instrument("NSE:ITC")
    wanted = POINTS[kind]
    text = "Results" if kind is DrawingKind.TEXT else ""

    def save(points: Any, text: str) -> tuple[ChartDrawing, bool]:
        first, second = ((AT if time else None, PRICE if price else None) for time, price in points)
        return chart_drawing_save(
            actor=actor, drawing_id=uuid4(), instrument=instrument, kind=kind, first=first, second=second, text=text
        )

    with tenant_scope(member.organisation_id):
        assert save(wanted, text)[1]
        for point in (0, 1):
            for part in (0, 1):
                flipped = [list(each) for each in wanted]
                flipped[point][part] = not flipped[point][part]
                with pytest.raises(InvalidInput):
                    save(flipped, text)
        with pytest.raises(InvalidInput):
            save(wanted, "" if text else "words")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "TREND", "first_time": AT, "first_price": PRICE},
        {"kind": "HORIZONTAL", "first_time": AT, "first_price": PRICE},
        {"kind": "TEXT", "first_time": AT, "first_price": PRICE},
        {"kind": "CIRCLE", "first_time": AT, "first_price": PRICE},
    ],
)
def test_the_database_refuses_impossible_drawings(member, wrong):
    with tenant_scope(member.organisation_id), pytest.raises(IntegrityError), transaction.atomic():
        ChartDrawing.objects.create(
            organisation_id=member.organisation_id,
            owner_id=member.user_id,
            instrument=make_instrument("NSE:ITC"),
            colour="RED",
            **wrong,
        )


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "SQUIGGLE"},
        {"colour": "MAUVE"},
        {"first_price": "NaN"},
        {"first_price": "1.23456"},
        {"first_time": "2026-11-19T09:15:00"},
        {"first_time": None},
        {"text": "words on a line"},
        {"text": "x" * 121},
    ],
)
def test_a_bad_drawing_is_told_what_is_wrong(client, bad):
    answer = put(client, f"/api/v1/chart-drawings/{uuid4()}", {**LINE, **bad})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_neither_colleague_nor_stranger_sees_or_takes_over_a_drawing(client, member):
    path = f"/api/v1/chart-drawings/{uuid4()}"
    put(client, path, LINE)
    put(client, RELIANCE, LOOK)
    for other in (make_member(Role.OWNER, member.organisation), make_member(Role.OWNER)):
        theirs = client_of(other.user)
        assert theirs.get("/api/v1/chart-drawings?symbol=NSE:RELIANCE").json()["results"] == []
        assert put(theirs, path, LINE).status_code == 404
        assert theirs.delete(path).status_code == 404
        assert theirs.get(RELIANCE).json()["saved_for"] is None
    assert len(client.get("/api/v1/chart-drawings?symbol=NSE:RELIANCE").json()["results"]) == 1


def test_a_chart_holds_so_many_drawings(client, monkeypatch):
    monkeypatch.setattr(services, "MOST_DRAWINGS", 2)
    for expected in (201, 201, 409):
        answer = put(client, f"/api/v1/chart-drawings/{uuid4()}", LINE)
        assert answer.status_code == expected
    assert answer.json()["code"] == "too_many_drawings"


def test_only_people_keep_charts(member):
    actor = system_actor(member.organisation_id, "tests")
    with tenant_scope(member.organisation_id), pytest.raises(PermissionDenied):
        chart_layout_save(
            actor=actor, instrument=None, interval=Interval.M1, style=ChartStyle.LINE, scale=ChartScale.LINEAR
        )


def test_the_layout_of_one_member_is_nobody_elses(member):
    other = make_member(Role.TRADER, member.organisation)
    with tenant_scope(member.organisation_id):
        chart_layout_save(
            actor=actor_for(member),
            instrument=None,
            interval=Interval.H1,
            style=ChartStyle.LINE,
            scale=ChartScale.LOG,
        )
        assert chart_layout_for(actor_for(other), None).interval == "5m"
        assert chart_layout_for(actor_for(member), None).interval == "1h"


def test_what_is_not_there_is_not_found(member):
    with tenant_scope(member.organisation_id), pytest.raises(NotFound):
        services.chart_drawing_delete(actor=actor_for(member), drawing_id=uuid4())
