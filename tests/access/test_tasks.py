"""Every Celery task, and in which scope it works: one that is not here fails the build."""

from typing import Any
from uuid import UUID

import pytest

from config.celery import app
from core.tenancy import current_tenant

# Sweeps over all tenants; they take no argument that could name somebody's object.
SYSTEM_SWEEPS = {
    "orders.route_sweep": "trading.orders.tasks.routes_ring",
    "orders.sweep_paper": "trading.orders.tasks.sweep",
    "orders.sweep_triggers": "trading.orders.monitor.sweep.sweep_triggers",
    "orders.sweep_orphans": "trading.orders.monitor.sweep.sweep_orphans",
    "orders.release": "trading.orders.tasks.orders_release",
    "orders.expire": "trading.orders.tasks.orders_expire",
    "risk.watch": "riskmgmt.services.accounts_watch",
    "risk.mark": "riskmgmt.services.marks_write",
    "risk.prune_marks": "riskmgmt.services.marks_prune",
    "orders.open_day": "trading.orders.tasks.day_open",
    "orders.close_days": "trading.orders.tasks.days_close",
    "orders.settle_deliveries": "trading.orders.tasks.deliveries_settle",
    "orders.square_off": "trading.orders.tasks.square_off_run",
    "portfolio.refresh_margins": "trading.portfolio.tasks.margins_refresh",
    "marketdata.keep_partitions": "trading.marketdata.tasks.partitions_keep",
    "marketdata.backfills": "trading.marketdata.tasks.backfills_ring",
    "marketdata.sweep_days": "trading.marketdata.tasks.daily_sweep",
    "backtests.ring": "backtests.tasks.runs_ring",
    "analytics.take_snapshots": "analytics.tasks.snapshots_take",
    "core.trim_streams": "core.tasks.trim",
}

# Rung for with one object's id, by services that have authorised its owner; what they find is in the row.
FOR_ONE_OBJECT = {
    "orders.route": ("trading.orders.tasks.order_send", {"order_id": str(UUID(int=1))}),
    "marketdata.backfill": ("trading.marketdata.tasks.backfill_run", {"backfill_id": str(UUID(int=1))}),
    "backtests.work": ("backtests.tasks.run_work", {"run_id": str(UUID(int=1))}),
    "orders.route_account": ("trading.orders.tasks.account_round", {"account_id": str(UUID(int=1))}),
}


def _ours() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith(("celery.", "tests."))}


def test_every_task_is_in_the_table() -> None:
    assert _ours() == set(SYSTEM_SWEEPS) | set(FOR_ONE_OBJECT)


@pytest.mark.parametrize("name", SYSTEM_SWEEPS)
def test_a_sweep_enters_the_system_scope_itself_and_leaves_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note_tenant(*_: object, **__: object) -> int:
        seen.append(current_tenant())
        return 0

    monkeypatch.setattr(SYSTEM_SWEEPS[name], note_tenant)
    _ours()
    app.tasks[name]()
    # One service, asked once or for each of several tables.
    assert (set(seen), current_tenant()) == ({"*"}, "")


@pytest.mark.parametrize("name", SYSTEM_SWEEPS)
def test_a_sweep_takes_no_argument(name: str) -> None:
    _ours()
    with pytest.raises(TypeError):
        app.tasks[name].__header__("anything")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", FOR_ONE_OBJECT)
def test_a_task_for_one_object_enters_the_system_scope_and_leaves_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    service, arguments = FOR_ONE_OBJECT[name]

    def note_tenant(*_: Any, **__: Any) -> None:
        seen.append(current_tenant())

    monkeypatch.setattr(service, note_tenant)
    _ours()
    app.tasks[name](**arguments)
    assert (seen, current_tenant()) == (["*"], "")
