"""Indicators over REST: the catalogue, values that are settled, and what is told of a bad request."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client

from accounts.domain.permissions import Role
from core.store import get_store
from tests.factories import make_instrument, make_member
from trading.instruments.models import Instrument
from trading.marketdata.domain.indicators import registry
from trading.marketdata.services import candles_write

pytestmark = pytest.mark.django_db

OPENS = datetime(2016, 8, 22, 3, 45, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_forming_bar() -> None:
    get_store().delete("candles.forming")


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_member(Role.VIEWER).user)
    return client


def write_minutes(instrument: Instrument, closes: list[float], opens: datetime = OPENS) -> None:
    """Minutes of one session whose bars hold one price each, volume 100."""
    rows = [
        (instrument.pk, int((opens + timedelta(minutes=number)).timestamp()), *[round(close * 10_000)] * 4, 100, 0)
        for number, close in enumerate(closes)
    ]
    candles_write(np.array(rows, dtype=np.int64))


def wandering(count: int, seed: int = 1) -> list[float]:
    steps = np.random.default_rng(seed).normal(0, 1, count)
    return [round(price, 2) for price in (1000 + np.cumsum(steps)).tolist()]


SPAN = {"from": "2016-08-22T09:15:00+05:30", "to": "2016-08-22T15:30:00+05:30"}


def test_the_catalogue_tells_what_a_chart_needs(viewer):
    answer = viewer.get("/api/v1/indicators").json()
    entries = {entry["name"]: entry for entry in answer["results"]}
    assert set(entries) == {indicator.name for indicator in registry.all()}
    macd = entries["macd"]
    assert (macd["group"], macd["pane"], macd["levels"]) == ("momentum", "pane", [0.0])
    assert macd["parameters"][0] == {
        "name": "fast", "title": "Fast EMA", "type": "integer", "default": 12, "min": 2.0, "max": 500.0, "step": 1.0
    }  # fmt: skip
    assert [(output["name"], output["style"]) for output in macd["outputs"]] == [
        ("macd", "line"),
        ("signal", "line"),
        ("histogram", "histogram"),
    ]


def test_values_come_with_the_bars_times_and_null_while_warming_up(viewer):
    write_minutes(make_instrument("NSE:RELIANCE"), [100.0, 101.0, 102.0, 104.0])
    query = {"symbol": "NSE:RELIANCE", "interval": "1m", "period": "3", **SPAN}
    assert viewer.get("/api/v1/indicators/sma", query).json() == {
        "symbol": "NSE:RELIANCE",
        "interval": "1m",
        "indicator": "sma",
        "params": {"period": 3, "source": "close"},
        "shifts": {"sma": 0},
        "outputs": {
            "sma": [
                ["2016-08-22T09:15:00+05:30", None],
                ["2016-08-22T09:16:00+05:30", None],
                ["2016-08-22T09:17:00+05:30", 101.0],
                ["2016-08-22T09:18:00+05:30", pytest.approx(102.3333333333)],
            ]
        },
    }


@pytest.mark.parametrize("name", ["ema", "rsi", "macd", "supertrend", "bollinger"])
def test_values_at_from_are_those_of_the_whole_history(viewer, name):
    write_minutes(make_instrument("NSE:RELIANCE"), wandering(375), OPENS - timedelta(days=3))
    write_minutes(Instrument.objects.get(), wandering(375, 2))
    query = {"symbol": "NSE:RELIANCE", "to": SPAN["to"]}
    whole = viewer.get(f"/api/v1/indicators/{name}", {**query, "limit": "750"}).json()["outputs"]
    late = viewer.get(f"/api/v1/indicators/{name}", {**query, "from": "2016-08-22T12:00:00+05:30"}).json()[
        "outputs"
    ]
    for output, rows in late.items():
        assert rows[0][0] == "2016-08-22T12:00:00+05:30"
        assert rows == [[time, pytest.approx(value)] for time, value in whole[output][-len(rows) :]]


def test_vwap_begins_with_the_session_though_the_span_begins_later(viewer):
    write_minutes(make_instrument("NSE:RELIANCE"), [100.0, 200.0, 300.0])
    query = {"symbol": "NSE:RELIANCE", **SPAN, "from": "2016-08-22T09:17:00+05:30"}
    values = viewer.get("/api/v1/indicators/vwap", query).json()["outputs"]["vwap"]
    assert values == [["2016-08-22T09:17:00+05:30", 200.0]]


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("nonsense?symbol=NSE:RELIANCE", 404, "unknown_indicator", None),
        ("rsi", 400, "invalid_input", "symbol"),
        ("rsi?symbol=NSE:NOBODY", 404, "unknown_symbol", None),
        ("rsi?symbol=NSE:RELIANCE&interval=7m", 400, "invalid_input", "interval"),
        ("rsi?symbol=NSE:RELIANCE&limit=0", 400, "invalid_input", "limit"),
        ("rsi?symbol=NSE:RELIANCE&length=14", 400, "parameter_unknown", "length"),
        ("rsi?symbol=NSE:RELIANCE&period=fourteen", 400, "parameter_invalid", "period"),
        ("rsi?symbol=NSE:RELIANCE&period=2.5", 400, "parameter_invalid", "period"),
        ("rsi?symbol=NSE:RELIANCE&period=nan", 400, "parameter_invalid", "period"),
        ("rsi?symbol=NSE:RELIANCE&period=1e400", 400, "parameter_invalid", "period"),
        ("rsi?symbol=NSE:RELIANCE&period=", 400, "parameter_invalid", "period"),
        ("rsi?symbol=NSE:RELIANCE&period=0", 400, "parameter_out_of_bounds", "period"),
        ("rsi?symbol=NSE:RELIANCE&period=501", 400, "parameter_out_of_bounds", "period"),
        ("rsi?symbol=NSE:RELIANCE&source=bid", 400, "parameter_invalid", "source"),
        ("bollinger?symbol=NSE:RELIANCE&multiplier=-1", 400, "parameter_out_of_bounds", "multiplier"),
        ("macd?symbol=NSE:RELIANCE&fast=30&slow=20", 400, "parameters_conflict", None),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(viewer, path, status, code, field):
    make_instrument("NSE:RELIANCE")
    answer = viewer.get(f"/api/v1/indicators/{path}")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert list(problem.get("errors", {})) == ([field] if field else [])


def test_without_candles_there_are_no_values(viewer):
    make_instrument("NSE:RELIANCE")
    answer = viewer.get("/api/v1/indicators/bollinger", {"symbol": "NSE:RELIANCE"}).json()
    assert answer["outputs"] == {"upper": [], "middle": [], "lower": [], "percent_b": [], "bandwidth": []}


@pytest.mark.parametrize("path", ["indicators", "indicators/rsi?symbol=NSE:RELIANCE"])
def test_a_stranger_sees_no_indicators(client, path):
    assert client.get(f"/api/v1/{path}").status_code == 401
