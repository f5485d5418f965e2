"""Runs of options: the model's settings are checked, kept, obeyed and told."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.domain.permissions import Role
from backtests.domain.option_market import MODEL_SETTINGS, OptionModel, VolatilityBy, model_from, model_values
from backtests.models import Run
from backtests.selectors.market import DatabaseMarketData
from backtests.services.work import run_work
from core.clock import ist_day_start
from core.errors import InvalidInput
from core.tenancy import system_scope
from tests.access.world import client_of
from tests.factories import make_instrument, make_member
from trading.instruments.models import InstrumentType
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import DailyBar
from trading.marketdata.services import DailyValues, daily_bars_write

from .market import FIRST, LAST, make_minutes

ASKED = {
    "strategy": "short_straddle",
    "symbols": ["NSE:NIFTY"],
    "interval": "5m",
    "from": FIRST.isoformat(),
    "to": LAST.isoformat(),
}


def test_settings_survive_what_keeps_them_and_the_usual_ones_need_no_word() -> None:
    model = OptionModel(by=VolatilityBy.CONSTANT, volatility=0.22, uses_closes=False, spread=0.01, sessions=30)
    assert model_from(json.loads(json.dumps(model_values(model)))) == model
    assert model_from({}) == OptionModel()
    assert model_from({each.name: str(each.default) for each in MODEL_SETTINGS}) == OptionModel()
    assert set(model_values(model)) | {"lot_sizes"} == set(OptionModel.__slots__)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("by", "guess"),
        ("volatility", 9),
        ("volatility", "NaN"),
        ("volatility", True),
        ("sessions", 20.5),
        ("sessions", "many"),
        ("spread", -0.01),
        ("lots_a_minute", 10**9),
        ("uses_closes", "perhaps"),
        ("index", " "),
        ("smiles", 1),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        model_from({name: value})
    assert refused.value.code == "option_model_invalid"
    assert list(refused.value.errors) == [f"option_model.{name}"]


@pytest.mark.django_db
def test_a_run_is_priced_by_the_model_that_was_asked_for_and_says_so() -> None:
    member = make_member(Role.TRADER)
    client = client_of(member.user)
    make_index()
    narrow, wide = (
        finished(client, ASKED | {"option_model": {"by": "constant", "volatility": 0.2, "spread": spread}})
        for spread in (0.0, 0.1)
    )
    assert narrow["option_model"] == model_values(OptionModel(by=VolatilityBy.CONSTANT, volatility=0.2, spread=0.0))
    assert (narrow["status"], narrow["modelled_share"]) == ("DONE", 1.0)
    assert any("volatility at the money 20.0%" in line for line in narrow["caveats"])
    assert narrow["metrics"]["orders"] == wide["metrics"]["orders"] > 20
    # Both sell at the touch less half of what lies between; of a tenth that is a twentieth of each premium.
    assert float(wide["metrics"]["total_pnl"]) < float(narrow["metrics"]["total_pnl"]) - 100
    page = client.get(f"/backtests/{narrow['id']}/").content.decode()
    assert "Prices by model" in page
    assert "100.0% of the days" in page
    marks = client.get(f"/backtests/{narrow['id']}/chart/?symbol=NSE:NIFTY").json()["marks"]
    assert len(marks) == narrow["metrics"]["orders"]
    assert {mark["name"][-2:] for mark in marks} == {"CE", "PE"}


@pytest.mark.django_db
def test_the_form_asks_for_the_model_only_where_options_are_traded() -> None:
    client = client_of(make_member(Role.TRADER).user)
    make_index()
    span = {"first": FIRST.isoformat(), "last": LAST.isoformat(), "symbols": "NSE:NIFTY", "interval": "5m"}
    asked = span | {"strategy": "short_straddle", "capital": "1000000", "charging": "RATES", "funds": "REAL"}
    assert 'name="trades_options"' in client.get("/backtests/new/", asked).content.decode()
    other = client.get("/backtests/new/", asked | {"strategy": "rsi_reversion"}).content.decode()
    assert 'name="trades_options"' not in other
    refused = client.post("/backtests/new/", asked | {"trades_options": "on", "o_markup": "9"})
    assert refused.status_code == 422
    assert "Must be from 0.3 to 3." in refused.content.decode()
    client.post("/backtests/new/", asked | {"trades_options": "on", "o_markup": "1.3", "o_uses_closes": "false"})
    client.post("/backtests/new/", asked | {"o_markup": "1.3"})
    with system_scope():
        first, second = Run.objects.order_by("id")
    assert first.option_model == model_values(OptionModel(markup=1.3, uses_closes=False))
    assert second.option_model == model_values(OptionModel())
    again = client.get(f"/backtests/new/?from={first.pk}").content.decode()
    assert 'name="o_markup" value="1.3"' in again


@pytest.mark.django_db
def test_runs_of_options_have_the_usual_model_and_others_none() -> None:
    client = client_of(make_member(Role.TRADER).user)
    make_index()
    make_minutes()
    assert post(client, ASKED).json()["option_model"] == model_values(OptionModel())
    share = ASKED | {"strategy": "ma_cross", "symbols": ["NSE:RELIANCE"]}
    assert post(client, share).json()["option_model"] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "code", "field"),
    [
        ({"markup": 7}, "invalid_input", "option_model.markup"),
        ({"by": "index", "index": "NSE:NOBODY"}, "unknown_volatility_index", "option_model.index"),
        ({"by": "index", "index": "NSE:VIX"}, "unknown_volatility_index", "option_model.index"),
    ],
)
def test_a_model_that_cannot_price_is_refused_before_anything_is_queued(
    model: dict[str, Any], code: str, field: str
) -> None:
    client = client_of(make_member(Role.TRADER).user)
    make_index()
    make_instrument("NSE:VIX", instrument_type=InstrumentType.INDEX)
    answer = post(client, ASKED | {"option_model": model})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert field in answer.json()["errors"]
    with system_scope():
        assert not Run.objects.exists()


@pytest.mark.django_db
def test_a_day_without_minutes_is_told_whole_however_early_on_it_the_question_ends() -> None:
    share = make_instrument()
    day = date(2025, 2, 4)
    prices = (Decimal(1250), Decimal(1260), Decimal(1240), Decimal(1255))
    daily_bars_write([DailyValues(share.pk, day, *prices, volume=1_000)], source=DailyBar.Source.BHAVCOPY)
    midnight = int(ist_day_start(day).timestamp())
    bars = DatabaseMarketData().bars(share.key, Interval.D1, midnight - 86_400, midnight + 15 * 3600)
    assert (bars.start.tolist(), bars.close.tolist()) == ([midnight], [1255_0000])


def make_index() -> None:
    """NIFTY with minutes of ten days."""
    instrument = make_minutes("NSE:NIFTY")
    instrument.instrument_type = InstrumentType.INDEX
    instrument.save()


def post(client: Any, body: dict[str, Any]) -> Any:
    return client.post("/api/v1/backtests", json.dumps(body), content_type="application/json")


def finished(client: Any, body: dict[str, Any]) -> Any:
    run_id = post(client, body).json()["id"]
    with system_scope():
        run_work(Run.objects.get(pk=run_id).pk)
    return client.get(f"/api/v1/backtests/{run_id}").json()
