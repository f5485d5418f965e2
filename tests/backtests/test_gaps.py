"""Prices that are missing in the middle of a span: every kind of run goes on without them and says so."""

from datetime import date, timedelta

import pytest

from accounts.domain.permissions import Role
from backtests.domain.kernel import prepare
from backtests.domain.search_terms import SearchTerms
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Run
from backtests.services.runs import backtest_start
from backtests.services.searches import sweep_start, walk_forward_start
from backtests.services.work import run_work
from core.clock import ist_day_start
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_member
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import Candle

from .market import make_minutes

pytestmark = pytest.mark.django_db

SAID = (
    "NSE:RELIANCE: no prices on 2 of 7 trading days, first on 05 Nov 2026.",
    "NSE:RELIANCE: 60 of 1875 1m bars within sessions are missing.",
)
ONLY = StrategyTerms(
    key="ma_cross", symbols=("NSE:RELIANCE",), interval=Interval.M5, parameters={"fast": 3, "slow": 8}
)
TERMS = RunTerms(strategies=(ONLY,), first=date(2026, 11, 4), last=date(2026, 11, 13), capital_paise=5_00_000_00)
AXES = SearchTerms(axes={"fast": [2, 3]})


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Before a test's transaction is open, which may not idle as long as a busy machine compiles."""
    prepare()


@pytest.mark.parametrize("kind", list(Run.Kind))
def test_a_gap_in_the_middle_is_told_by_every_kind_of_run(kind: Run.Kind) -> None:
    instrument = make_minutes(first=date(2026, 10, 26))
    thursday, thirteenth = ist_day_start(date(2026, 11, 5)), ist_day_start(date(2026, 11, 13))
    Candle.objects.filter(instrument=instrument, start__range=(thursday, thursday + timedelta(days=2))).delete()
    hour = (thirteenth + timedelta(hours=11), thirteenth + timedelta(hours=11, minutes=59))
    Candle.objects.filter(instrument=instrument, start__range=hour).delete()
    member = make_member(Role.TRADER)
    trader = actor_for(member)
    with tenant_scope(trader.organisation_id):
        match kind:
            case Run.Kind.SWEEP:
                run = sweep_start(actor=trader, terms=TERMS, search=AXES)
            case Run.Kind.WALK_FORWARD:
                windows = SearchTerms(axes=AXES.axes, mode="ROLLING", in_sample=4, out_of_sample=2)
                run = walk_forward_start(actor=trader, terms=TERMS, search=windows)
            case _:
                run = backtest_start(actor=trader, terms=TERMS)
        for _ in range(20):
            run_work(run.pk)
            run.refresh_from_db()
            if not run.is_live:
                break
        assert run.status == Run.Status.DONE, run.message
    page = client_of(member.user).get(f"/backtests/{run.pk}/").content.decode()
    for sentence in SAID:
        assert sentence in run.caveats.splitlines()
        assert sentence in page
