"""What the whole suite shares. Services start at import, because settings read the environment once."""

import os
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import django
import pytest
from hypothesis import settings as hypothesis_settings

from tests.services import provide_services

# A table that migrations fill → those migrations, in order.
SEEDS = {
    "analytics.CapitalGainsRate": ("analytics.migrations.0002_guards_and_rates",),
    "instruments.BandRule": ("trading.instruments.migrations.0003_bands_and_breakers",),
    "orders.MatchingRule": ("trading.orders.migrations.0012_matching_rules",),
    "portfolio.ChargeRate": (
        "trading.portfolio.migrations.0004_rates",
        "trading.portfolio.migrations.0005_mtf",
        "trading.portfolio.migrations.0012_plans_and_cycles",
    ),
    "portfolio.SpanParameter": ("trading.portfolio.migrations.0007_span_parameters",),
    "riskmgmt.UnderlyingSector": ("riskmgmt.migrations.0007_sectors",),
}

# Modules of few tests that take long: programs that are killed, whole APIs, machines of Hypothesis.
LONG_MODULES = (
    "tests/faults/",
    "tests/journeys/",
    "tests/access/test_bad_input.py",
    "tests/access/test_matrix.py",
    "tests/access/test_web.py",
    "tests/architecture/test_queries.py",
    "tests/backtests/test_killed_worker.py",
    "tests/core/test_parking.py",
    "tests/orders/test_contract_machine.py",
    "tests/orders/test_trigger_machine.py",
    "tests/portfolio/test_event_machine.py",
    "tests/portfolio/test_ledger_machine.py",
    "tests/portfolio/test_races.py",
    "tests/realtime/test_two_processes.py",
    "tests/riskmgmt/test_breaker.py",
    "tests/riskmgmt/test_kill_switch.py",
    "tests/strategies/runs/test_slow_neighbours.py",
)
# As how many tests such a module counts.
LONG = 300

_stop_services = provide_services()
# Set here and not in pyproject.toml: pytest-django would load the settings before any conftest could run.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()

hypothesis_settings.register_profile("default", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_unconfigure() -> None:
    from core.bus import get_bus

    # Before its Redis goes, or its thread would complain past pytest's closing line.
    get_bus().close()
    for stop in _stop_services:
        stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the workers the long modules first: one that comes last leaves the other worker without work.

    By the number of their tests, as xdist would; but a few tests that take long count as many.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    tests = Counter(item.path for item in items)

    def weight(item: pytest.Item) -> int:
        return max(tests[item.path], LONG if item.nodeid.startswith(LONG_MODULES) else 0)

    items.sort(key=weight, reverse=True)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits and cached selectors of one test must not reach the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The workers' databases are copies of one."""
    from tests.database import copy_one_migrated_database

    if "PYTEST_XDIST_WORKER" in os.environ:
        with django_db_blocker.unblock():
            copy_one_migrated_database(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What transactional tests need: they empty every table, which the ledger refuses, and all that was seeded."""
    from django.apps import apps
    from django.db import connection
    from django.db.models.signals import post_migrate

    def seed_again(**_: Any) -> None:
        for model, migrations in SEEDS.items():
            if not apps.get_model(model).objects.exists():
                for migration in migrations:
                    import_module(migration).seed(apps, None)

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("portfolio_ledgerentry", "portfolio_ledgertransaction"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
    post_migrate.connect(seed_again, sender=apps.get_app_config("portfolio"))
    yield
    post_migrate.disconnect(seed_again, sender=apps.get_app_config("portfolio"))


@pytest.fixture(autouse=True)
def _fresh_reference_data() -> None:
    """A process remembers instruments by key; their ids are gone with the test that made them."""
    from trading.instruments.process_cache import forget_reference_data
    from trading.marketdata.selectors.minutes import FINISHED_DAYS

    forget_reference_data()
    FINISHED_DAYS.forget()
