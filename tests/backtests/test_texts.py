"""A backtest keeps the text of the strategy that it was asked with, whatever becomes of it afterwards."""

import pytest

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from accounts.models import User
from backtests.models import Run, RunSeries
from backtests.selectors.results import series_get
from backtests.selectors.runs import run_shape, runs_for
from backtests.selectors.strategies import text_of
from backtests.services.runs import backtest_start
from backtests.services.work import run_work
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import actor_for, make_member
from trading.strategies.services.code import code_create, code_delete, code_update

from .market import make_minutes
from .test_runs import terms

pytestmark = pytest.mark.django_db

SOURCE = """
from trading.strategies.domain import Doc, Kind, Strategy
class Mine(Strategy):
    key = "mine"
    title = "My own"
    kind = Kind.TREND
    doc = Doc("Says a word.", "Every session.", "Never.")
    def on_session(self, ctx):
        ctx.log("first word")
"""
OTHER = SOURCE.replace("first word", "second word")


@pytest.fixture
def writer() -> Actor:
    make_minutes()
    return actor_for(make_member(Role.OWNER))


def words(run: Run) -> set[str]:
    return set(series_get(run, RunSeries.Name.LOG)["text"].tolist())


def test_a_run_is_held_at_the_version_it_was_asked_with(writer: Actor) -> None:
    with tenant_scope(writer.organisation_id):
        code = code_create(actor=writer, source=SOURCE)
        waiting = backtest_start(actor=writer, terms=terms(key="own.mine", parameters={}))
        code_update(actor=writer, code_id=code.id, source=OTHER)
        run_work(waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.status, words(waiting)) == (Run.Status.DONE, {"first word"})
        told = run_shape(waiting)["strategies"][0]
        assert (told["strategy"], told["version"]) == ("own.mine@1", 1)
        again = backtest_start(actor=writer, terms=terms(key=told["strategy"], parameters={}))
        newer = backtest_start(actor=writer, terms=terms(key="own.mine", parameters={}))
        for run in (again, newer):
            run_work(run.pk)
        assert words(again) == {"first word"}
        assert words(newer) == {"second word"}
        text = text_of(waiting.strategies.get())
        assert (text.version, text.newest, text.is_gone) == (1, 2, False)
        assert set(runs_for(writer, strategy="own.mine")) == {waiting, again, newer}
        assert set(runs_for(writer, strategy="own.mine@2")) == {newer}


def test_the_page_says_the_version_links_to_its_text_and_repeats_it(writer: Actor) -> None:
    with tenant_scope(writer.organisation_id):
        code = code_create(actor=writer, source=SOURCE)
        run = backtest_start(actor=writer, terms=terms(key="own.mine", parameters={}))
        code_update(actor=writer, code_id=code.id, source=OTHER)
    client = client_of(User.objects.get(pk=writer.user_id))
    page = client.get(f"/backtests/{run.pk}/").content.decode()
    assert f"/strategies/code/{code.pk}/?version=1" in page
    assert "version 2 is in use now" in page
    assert "first word" in client.get(f"/strategies/code/{code.pk}/?version=1").content.decode()
    form = client.get(f"/backtests/new/?from={run.pk}").content.decode()
    assert '<option value="own.mine@1" selected>' in form


def test_a_text_under_the_same_number_that_is_another_is_not_run_instead(writer: Actor) -> None:
    with tenant_scope(writer.organisation_id):
        code = code_create(actor=writer, source=SOURCE)
        run = backtest_start(actor=writer, terms=terms(key="own.mine", parameters={}))
        code_delete(actor=writer, code_id=code.id)
        code_create(actor=writer, source=OTHER)
        run_work(run.pk)
        run.refresh_from_db()
        assert (run.status, run.code) == (Run.Status.FAILED, "strategy_changed")
        assert text_of(run.strategies.get()).is_gone


def test_a_strategy_of_the_house_that_was_changed_since_is_told(writer: Actor) -> None:
    with tenant_scope(writer.organisation_id):
        run = backtest_start(actor=writer, terms=terms())
        row = run.strategies.get()
        assert len(row.digest) == 64
        assert not text_of(row).has_changed
        run.strategies.update(digest="0" * 64)
        assert text_of(run.strategies.get()).has_changed
