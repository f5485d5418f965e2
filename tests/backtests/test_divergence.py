"""A strategy's run beside a backtest of its span: asked for, waited for, compared, and who is refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from accounts.models import User
from backtests.domain.packing import pack
from backtests.models import Run, RunSeries
from backtests.selectors.stored import windows_of
from backtests.services.work import run_work
from core.clock import ist_day_span, wall_now
from core.tenancy import system_scope, tenant_scope
from tests.access.world import client_of
from tests.factories import make_member
from tests.orders.desk import Desk, make_desk
from trading.marketdata.services import candles_write
from trading.orders.models import Fill, Order
from trading.strategies.models import Signal, StrategyRun

from .made import make_run
from .market import make_minutes

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 11, 2, 3, 45, tzinfo=UTC)
ENDED = datetime(2026, 11, 6, 10, 0, tzinfo=UTC)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made: Desk = make_desk()
    with tenant_scope(made.organisation.id):
        yield made


def make_strategy_run(desk: Desk, **changes: Any) -> StrategyRun:
    """A run that was started and stopped within five days."""
    values: dict[str, Any] = {
        "name": "First",
        "strategy": "ma_cross",
        "parameters": {"fast": 5, "slow": 20},
        "symbols": [desk.instrument.key],
        "interval": "5m",
        "product": "INTRADAY",
        "capital_paise": 1_00_000_00,
        "state": "STOPPED",
        "state_at": ENDED,
        "started_at": BEGAN,
        "created_by": "tests",
        "created_at": BEGAN,
    }
    run: StrategyRun = StrategyRun.objects.create(
        organisation=desk.organisation, account=desk.account, **(values | changes)
    )
    return run


def traded(desk: Desk, run: StrategyRun, at: datetime, *prices: str, quantity: int = 10, side: str = "BUY") -> None:
    """An order of the run that was filled in as many parts as there are prices."""
    order = Order.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        instrument=desk.instrument,
        client_order_id=f"{run.name}-{at.timestamp()}",
        side=side,
        quantity=quantity,
        filled_quantity=quantity,
        order_type="MARKET",
        product="INTRADAY",
        validity="DAY",
        status="FILLED",
        strategy=run.name,
        created_at=at,
        updated_at=at,
    )
    for number, price in enumerate(prices):
        Fill.objects.create(
            organisation=desk.organisation,
            order=order,
            account=desk.account,
            instrument=desk.instrument,
            broker_trade_id=f"{order.id}-{number}",
            side=side,
            quantity=quantity // len(prices),
            price=Decimal(price),
            charges_paise=100,
            brokerage_paise=100,
            traded_at=at,
        )


def make_backtest(desk: Desk, run: StrategyRun, *fills: tuple[datetime, str, int, str], **fields: Any) -> Run:
    """A backtest of the run's days that traded those: when, side, quantity, price."""
    backtest = make_run(desk.organisation, instrument=desk.instrument, beside=run, **fields)
    columns = {
        "at": np.array([int(at.timestamp()) for at, *_ in fills], dtype=np.int64),
        "order": np.array([f"o{number}" for number in range(len(fills))], dtype="U8"),
        "strategy": np.array(["" for _ in fills], dtype="U1"),
        "symbol": np.array([desk.instrument.key for _ in fills], dtype="U20"),
        "side": np.array([side for _, side, *_ in fills], dtype="U4"),
        "quantity": np.array([quantity for _, _, quantity, _ in fills], dtype=np.int64),
        "price": np.array([int(Decimal(price) * 10_000) for *_, price in fills], dtype=np.int64),
        "charges": np.array([50 for _ in fills], dtype=np.int64),
        "tag": np.array(["" for _ in fills], dtype="U1"),
    }
    RunSeries.objects.create(
        organisation=desk.organisation,
        run=backtest,
        name=RunSeries.Name.FILLS,
        rows=len(fills),
        content=pack(columns),
    )
    return backtest


def client_for(desk: Desk) -> Client:
    return client_of(User.objects.get(id=desk.trader.user_id))


def test_the_backtest_has_the_terms_of_the_run_and_is_compared_when_done(desk: Desk) -> None:
    minutes = make_minutes("NSE:TCS")
    run = make_strategy_run(desk, symbols=[minutes.key])
    client, at = client_for(desk), f"/api/v1/strategy-runs/{run.id}/divergence"
    before = client.get(at).json()
    assert (before["backtest"], before["status"], before["comparison"]) == (None, None, None)
    answer = client.post(at)
    assert answer.status_code == 202, answer.json()
    asked = answer.json()
    assert (asked["strategy"], asked["symbols"], asked["interval"]) == ("ma_cross", [minutes.key], "5m")
    assert (asked["parameters"]["fast"], asked["parameters"]["slow"]) == (5, 20)
    assert (asked["from"], asked["to"], asked["capital"]) == ("2026-11-02", "2026-11-06", "100000.00")
    assert (asked["product"], asked["plan"]) == ("INTRADAY", desk.account.brokerage_plan)
    assert run.name not in asked["name"]
    waiting = client.get(at).json()
    assert (waiting["backtest"], waiting["status"], waiting["comparison"]) == (asked["id"], "QUEUED", None)
    assert client.post(at).json()["id"] == asked["id"]
    page = client.get(f"/backtests/divergence/{run.id}/").content.decode()
    assert "waits for a worker" in page
    with system_scope():
        for _ in range(5):
            run_work(UUID(asked["id"]))
    found = client.get(f"{at}?limit=1").json()
    assert found["status"] == "DONE", found
    comparison = found["comparison"]
    assert (comparison["run_trades"], comparison["agreement"]) == (0, 0.0)
    assert comparison["counts"]["MISSED"] == comparison["backtest_trades"] == found["trades"]["count"] > 1
    assert len(found["trades"]["results"]) == 1
    assert client.post(at).json()["id"] != asked["id"]


def test_trades_are_paired_and_priced_and_what_only_one_side_could_trade_is_left_out(desk: Desk) -> None:
    run = make_strategy_run(desk)
    moments = [BEGAN + timedelta(hours=hour) for hour in range(6)]
    late = timedelta(seconds=4)
    traded(desk, run, moments[0] + late, "100.00")
    traded(desk, run, moments[1] + late, "101.00", "102.00")
    traded(desk, run, moments[2] + late, "99.50", side="SELL")
    traded(desk, run, moments[4], "100.00")
    traded(desk, run, ENDED + timedelta(hours=1), "100.00")
    make_backtest(
        desk,
        run,
        (BEGAN - timedelta(minutes=20), "BUY", 10, "90.00"),
        (moments[0], "BUY", 10, "100.00"),
        (moments[1], "BUY", 10, "101.00"),
        (moments[2], "SELL", 20, "100.00"),
        (moments[3], "BUY", 10, "100.00"),
    )
    client = client_for(desk)
    found = client.get(f"/api/v1/strategy-runs/{run.id}/divergence").json()
    rows = found["trades"]["results"]
    assert [row["verdict"] for row in rows] == ["SAME", "PRICE", "QUANTITY", "MISSED", "EXTRA"]
    assert [row["slippage"] for row in rows] == ["0.00", "5.00", "5.00", None, None]
    assert (rows[1]["run"]["price"], rows[1]["run"]["quantity"], rows[1]["delay_seconds"]) == ("101.50", 10, 4.0)
    assert (rows[3]["run"], rows[4]["backtest"]) == (None, None)
    assert [row["reason"] for row in rows] == [
        "",
        "Filled at another moment of the bar.",
        "The run's capital or position was another by then.",
        "The run wanted nothing then.",
        "Not the strategy's own: an order of origin manual.",
    ]
    comparison = found["comparison"]
    assert (comparison["left_out"], comparison["slippage"], comparison["agreement"]) == (2, "10.00", 0.4)
    assert comparison["charges"] == "3.00"
    page = client.get(f"/backtests/divergence/{run.id}/").content.decode()
    for text in ("40.0%", "101.50", "Missed by the run", "By the run alone", "Other quantity"):
        assert text in page, text


def signalled(desk: Desk, run: StrategyRun, at: datetime, **terms: object) -> None:
    """The run wanted ten shares four seconds after the bar."""
    Signal.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        run=run,
        key="bars 1|buy",
        instrument=desk.instrument,
        side="BUY",
        quantity=10,
        order_type="MARKET",
        product="INTRADAY",
        decided_at=at + timedelta(seconds=4),
        **terms,
    )


def test_a_trade_that_was_missed_says_what_became_of_its_signal(desk: Desk) -> None:
    run = make_strategy_run(desk)
    at = BEGAN + timedelta(hours=1)
    signalled(desk, run, at, seq=7, expires_at=at + timedelta(minutes=2), state="DECLINED")
    make_backtest(desk, run, (at, "BUY", 10, "100.00"), (at, "SELL", 10, "100.00"))
    rows = client_for(desk).get(f"/api/v1/strategy-runs/{run.id}/divergence").json()["trades"]["results"]
    assert {row["side"]: row["reason"] for row in rows} == {
        "BUY": "Signal #7 was declined",
        "SELL": "The run wanted nothing then.",
    }


def test_a_trade_that_was_approved_late_is_the_one_that_was_decided_and_says_how_late(desk: Desk) -> None:
    run = make_strategy_run(desk, mode="APPROVE")
    at = BEGAN + timedelta(hours=1)
    traded(desk, run, at + timedelta(seconds=180), "102.00")
    signalled(
        desk,
        run,
        at,
        seq=1,
        decision_price=Decimal(101),
        expires_at=at + timedelta(minutes=5),
        answered_at=at + timedelta(seconds=179),
        state="ORDERED",
        order=Order.objects.get(strategy=run.name),
    )
    make_backtest(desk, run, (at, "BUY", 10, "100.00"))
    [row] = client_for(desk).get(f"/api/v1/strategy-runs/{run.id}/divergence").json()["trades"]["results"]
    assert (row["verdict"], row["delay_seconds"]) == ("PRICE", 180)
    assert row["reason"] == "Decided at ₹101.00, approved 175 s later."


def test_a_day_that_a_simulated_market_was_traded_around_the_clock_is_one_session(
    desk: Desk, settings: Settings
) -> None:
    saturday = date(2026, 11, 21)
    assert windows_of(desk.instrument, saturday) == ()
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    assert windows_of(desk.instrument, saturday) == (), "nothing was traded"
    noon = int(datetime(2026, 11, 21, 6, 30, tzinfo=UTC).timestamp())
    candles_write(np.array([[desk.instrument.pk, noon, *[100_0000] * 4, 10, 0]], dtype=np.int64))
    [window] = windows_of(desk.instrument, saturday)
    assert (window.starts, window.ends) == ist_day_span(saturday)
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    assert windows_of(desk.instrument, saturday) == ()


def test_a_run_that_goes_on_is_compared_as_far_as_the_backtest_knew_the_market(desk: Desk) -> None:
    run = make_strategy_run(desk, state="RUNNING", state_at=BEGAN)
    traded(desk, run, BEGAN + timedelta(hours=1), "100.00")
    traded(desk, run, ENDED + timedelta(days=3), "100.00")
    make_backtest(desk, run)
    comparison = client_for(desk).get(f"/api/v1/strategy-runs/{run.id}/divergence").json()["comparison"]
    assert (comparison["run_trades"], comparison["left_out"]) == (1, 1)


def test_a_run_that_was_never_started_or_has_no_data_is_refused_with_a_code(desk: Desk) -> None:
    client = client_for(desk)
    draft = make_strategy_run(desk, name="Draft", state="DRAFT", started_at=None)
    answer = client.post(f"/api/v1/strategy-runs/{draft.id}/divergence")
    assert (answer.status_code, answer.json()["code"]) == (409, "run_not_started")
    assert "Not started yet" in client.get(f"/backtests/divergence/{draft.id}/").content.decode()
    run = make_strategy_run(desk, name="No bars")
    answer = client.post(f"/api/v1/strategy-runs/{run.id}/divergence")
    assert (answer.status_code, answer.json()["code"]) == (400, "no_data")
    page = client.post(f"/backtests/divergence/{run.id}/", follow=True).content.decode()
    assert "There are no bars" in page
    assert "Run the backtest" in page
    assert not Run.objects.exists()
    assert client.get(f"/api/v1/strategy-runs/{run.id}/divergence?limit=0").status_code == 400


def test_a_backtest_that_failed_says_so_and_can_be_asked_for_again(desk: Desk) -> None:
    run = make_strategy_run(desk)
    make_backtest(desk, run, status="FAILED", message="No margin.", finished_at=wall_now())
    client = client_for(desk)
    found = client.get(f"/api/v1/strategy-runs/{run.id}/divergence").json()
    assert (found["status"], found["message"], found["comparison"]) == ("FAILED", "No margin.", None)
    page = client.get(f"/backtests/divergence/{run.id}/").content.decode()
    assert "No margin." in page
    assert "Compare again" in page
    assert f"/backtests/divergence/{run.id}/" in client.get(f"/strategies/runs/{run.id}/").content.decode()


def test_an_outsider_finds_nothing_and_who_may_only_look_starts_nothing(desk: Desk) -> None:
    run = make_strategy_run(desk)
    paths = (f"/api/v1/strategy-runs/{run.id}/divergence", f"/backtests/divergence/{run.id}/")
    outsider = client_of(make_member(Role.OWNER).user)
    assert [outsider.get(path).status_code for path in paths] == [404, 404]
    assert [outsider.post(path).status_code for path in paths] == [404, 404]
    viewer = client_of(make_member(Role.VIEWER, organisation=desk.organisation).user)
    assert [viewer.post(path).status_code for path in paths] == [403, 403]
