"""Many who ask for a run's backtest at once: one is queued, and everybody gets that one."""

import pytest
from django.db import IntegrityError, transaction

from backtests.models import Run
from backtests.services.divergence import divergence_start
from core.ids import new_id
from core.tenancy import system_scope, tenant_scope
from tests.backtests.test_divergence import make_strategy_run
from tests.orders.desk import make_desk
from tests.orders.test_concurrency import at_once

from .market import make_minutes

pytestmark = pytest.mark.django_db(transaction=True)


def test_asked_for_at_once_one_backtest_is_queued_and_everybody_is_told_which() -> None:
    desk = make_desk()
    with tenant_scope(desk.organisation.id):
        run = make_strategy_run(desk, symbols=[make_minutes("NSE:TCS").key])
    told = at_once(desk, [lambda: divergence_start(actor=desk.trader, run_id=run.id).pk] * 20)
    with system_scope():
        [queued] = Run.objects.filter(beside=run)
        assert set(told) == {queued.pk}


def test_the_database_itself_takes_no_second_one_at_work() -> None:
    desk = make_desk()
    with tenant_scope(desk.organisation.id):
        run = make_strategy_run(desk, symbols=[make_minutes("NSE:TCS").key])
        first = divergence_start(actor=desk.trader, run_id=run.id)
        columns = {each.attname: getattr(first, each.attname) for each in Run._meta.concrete_fields}
        second = Run(**{**columns, "id": new_id()})
        with pytest.raises(IntegrityError, match="backtests_run_beside_once"), transaction.atomic():
            second.save(force_insert=True)
        Run.objects.filter(pk=first.pk).update(status=Run.Status.DONE)
        second.save(force_insert=True)
        assert Run.objects.filter(beside=run).count() == 2
