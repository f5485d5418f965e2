"""The operator's page and figures of runs and backtests: true, cheap, and nobody else's business."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.registry import CollectorRegistry

from accounts.domain.permissions import Role
from accounts.models import Organisation, User
from backtests.metrics import QueueCollector
from backtests.models import Run
from core import clock
from core.errors import Unavailable
from core.ids import new_id
from core.store import get_store
from core.tenancy import system_scope
from tests.access.world import client_of
from tests.backtests.made import make_run
from tests.factories import make_account, make_instrument, make_member, make_user
from trading.instruments.models import Instrument
from trading.portfolio.models import TradingAccount
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.metrics import FleetCollector
from trading.strategies.models import Signal, StrategyRun

pytestmark = pytest.mark.django_db


def reliance() -> Instrument:
    return Instrument.objects.filter(key="NSE:RELIANCE").first() or make_instrument()


def run_of(account: TradingAccount, name: str, **values: object) -> StrategyRun:
    now = clock.now()
    row: StrategyRun = StrategyRun.objects.create(
        **{
            "organisation_id": account.organisation_id,
            "account": account,
            "name": name,
            "strategy": "ma_cross",
            "symbols": ["NSE:RELIANCE"],
            "interval": "5m",
            "product": "INTRADAY",
            "capital_paise": 1_000_000_00,
            "state": "RUNNING",
            "state_at": now,
            "created_by": "somebody",
            "created_at": now,
            "heartbeat_at": clock.wall_now(),
        }
        | values
    )
    return row


def signal_of(run: StrategyRun, seq: int, state: SignalState, *, minutes: float, code: str = "") -> Signal:
    at = clock.now() - timedelta(minutes=minutes)
    row: Signal = Signal.objects.create(
        organisation_id=run.organisation_id,
        account=run.account,
        run=run,
        seq=seq,
        key=f"bar {seq}",
        instrument=reliance(),
        side="BUY",
        quantity=1,
        order_type="MARKET",
        product="INTRADAY",
        decided_at=at,
        expires_at=at + timedelta(hours=1),
        state=state,
        code=code,
    )
    return row


@pytest.fixture
def world() -> list[Organisation]:
    """Two organisations: the first has runs of every kind, the second one run and nothing wrong."""
    members = [make_member(Role.TRADER) for _ in range(2)]
    with system_scope():
        one, other = (make_account(each) for each in members)
        long_ago = clock.wall_now() - timedelta(minutes=7)
        run = run_of(one, "opening")
        run_of(one, "lost-one", heartbeat_at=long_ago, lease_holder="runner-2:77")
        run_of(one, "idle", state="STOPPED", heartbeat_at=long_ago)
        run_of(other, "theirs", state="PAUSED", mode="APPROVE")
        signal_of(run, 1, SignalState.WAITING, minutes=3)
        signal_of(run, 2, SignalState.REFUSED, minutes=5, code="max_loss_day")
        signal_of(run, 3, SignalState.REFUSED, minutes=5, code="max_loss_day")
        signal_of(run, 4, SignalState.REFUSED, minutes=60 * 5, code="capital_exceeded")
        waits = make_run(members[0].organisation, instrument=reliance(), status=Run.Status.QUEUED)
        Run.objects.filter(pk=waits.pk).update(requested_at=clock.wall_now() - timedelta(minutes=11))
        works = make_run(members[0].organisation, instrument=reliance(), status=Run.Status.RUNNING)
        Run.objects.filter(pk=works.pk).update(
            lease=new_id(), leased_until=clock.wall_now() + timedelta(seconds=20), progress=0.5
        )
    return [each.organisation for each in members]


@pytest.fixture
def root() -> Client:
    return client_of(make_user(is_superuser=True))


def figures() -> dict[str, float]:
    registry = CollectorRegistry()
    for each in (FleetCollector(), QueueCollector()):
        registry.register(each)
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for metric in registry.collect()
        for sample in metric.samples
    }


def test_the_figures_are_those_of_all_organisations_and_name_none(world: list[Organisation]) -> None:
    told = figures()
    assert told["sauda_strategy_runs RUNNING AUTO PAPER"] == 2
    assert told["sauda_strategy_runs PAUSED APPROVE PAPER"] == 1
    assert told["sauda_strategy_runs STOPPED AUTO PAPER"] == 1
    assert told["sauda_strategy_runs_silent"] == 1
    assert told["sauda_strategy_run_beat_age_seconds"] == pytest.approx(420, abs=60)
    assert told["sauda_signals_waiting"] == 1
    assert told["sauda_signals_waiting_oldest_seconds"] == pytest.approx(180, abs=60)
    assert told["sauda_signals_refused_last_hour max_loss_day"] == 2
    assert not any("capital_exceeded" in name for name in told), "that was hours ago"
    assert (told["sauda_backtests_waiting"], told["sauda_backtests_running"]) == (1, 1)
    assert told["sauda_backtests_silent"] == 1
    assert told["sauda_backtests_organisations_waiting"] == 1
    assert told["sauda_backtests_oldest_wait_seconds"] == pytest.approx(660, abs=60)
    names = " ".join(told)
    for organisation in world:
        for secret in (organisation.name, organisation.slug, str(organisation.pk), "opening", "lost-one"):
            assert secret not in names


def test_of_an_empty_house_there_are_figures_too() -> None:
    told = figures()
    assert told["sauda_strategy_runs_silent"] == told["sauda_backtests_waiting"] == 0
    assert told["sauda_strategy_run_beat_age_seconds"] == told["sauda_backtests_oldest_wait_seconds"] == 0


def test_the_page_names_what_is_silent_waits_and_was_refused(world: list[Organisation], root: Client) -> None:
    answer = root.get("/admin/operations/")
    assert answer.status_code == 200
    page = re.sub(r"\s*<[^>]+>\s*", "|", answer.content.decode())
    page = re.sub(r"\|+", "|", page)
    first = world[0].name
    assert "Running|sent at once|Paper|2|1|" in page
    assert f"lost-one|{first}|Running|7 m ago|runner-2:77|" in page
    assert f"{first}|1|11 m|1|1|" in page
    assert f"{first}|1|3 m|" in page
    assert "max_loss_day|2|capital_exceeded|1|" in page
    assert "opening" not in page, "what is well is only counted"


def test_page_and_figures_ask_as_many_questions_of_few_runs_as_of_many(
    world: list[Organisation], root: Client
) -> None:
    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            root.get("/admin/operations/")
        with CaptureQueriesContext(connection) as told:
            figures()
        return len(page), len(told)

    few = asked()
    with system_scope():
        for _ in range(3):
            member = make_member(Role.TRADER)
            run = run_of(make_account(member), "one", heartbeat_at=clock.wall_now() - timedelta(minutes=2))
            signal_of(run, 1, SignalState.WAITING, minutes=1)
            signal_of(run, 2, SignalState.REFUSED, minutes=1, code="market_closed")
            make_run(member.organisation, instrument=reliance(), status=Run.Status.QUEUED)
    assert asked() == few
    assert few[1] == 4


def test_without_the_store_the_other_figures_and_the_page_are_there(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> object:
        raise Unavailable("gone fishing")

    monkeypatch.setattr(type(get_store()), "mget", gone)
    told = figures()
    assert "sauda_strategy_runs_silent" in told
    assert not any(name.startswith("sauda_strategy_stops") for name in told)
    assert "the shared store does not answer" in root.get("/admin/operations/").content.decode()


def test_the_page_is_the_operators_alone() -> None:
    clerk = make_user()
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    assert client_of(clerk).get("/admin/operations/").status_code == 403
    assert client_of(make_member(Role.OWNER).user).get("/admin/operations/").status_code == 302
    assert Client().get("/admin/operations/").status_code == 302


def test_the_admin_leads_to_it_and_only_reading_is_possible(root: Client) -> None:
    assert 'href="/admin/operations/"' in root.get("/admin/").content.decode()
    assert root.post("/admin/operations/").status_code == 405
