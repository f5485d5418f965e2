"""Every Celery task, and in which scope it works: one that is not here fails the build."""

import pytest

from config.celery import app
from core.tenancy import current_tenant

# Sweeps over all tenants; they take no argument that could name somebody's object.
SYSTEM_SWEEPS = {
    "orders.sweep_paper": "trading.orders.tasks.sweep",
    "orders.sweep_triggers": "trading.orders.monitor.sweep.sweep_triggers",
    "orders.sweep_orphans": "trading.orders.monitor.sweep.sweep_orphans",
    "orders.release": "trading.orders.tasks.orders_release",
    "orders.expire": "trading.orders.tasks.orders_expire",
    "risk.watch": "riskmgmt.services.accounts_watch",
    "core.trim_streams": "core.tasks.trim",
}


def _ours() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith(("celery.", "tests."))}


def test_every_task_is_in_the_table() -> None:
    assert _ours() == set(SYSTEM_SWEEPS)


@pytest.mark.parametrize("name", SYSTEM_SWEEPS)
def test_a_sweep_enters_the_system_scope_itself_and_leaves_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note_tenant(*_: object, **__: object) -> int:
        seen.append(current_tenant())
        return 0

    monkeypatch.setattr(SYSTEM_SWEEPS[name], note_tenant)
    _ours()
    app.tasks[name]()
    assert (seen, current_tenant()) == (["*"], "")


@pytest.mark.parametrize("name", SYSTEM_SWEEPS)
def test_a_sweep_takes_no_argument(name: str) -> None:
    _ours()
    with pytest.raises(TypeError):
        app.tasks[name].__header__("anything")  # type: ignore[attr-defined]
