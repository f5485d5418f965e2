"""What the whole suite shares. Services start at import, because settings read the environment once."""

import os
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


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits and cached selectors of one test must not reach the next."""
    from django.core.cache import cache

    cache.clear()


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
