"""What the whole suite shares. Services start at import, because settings read the environment once."""

import os

import django
import pytest
from hypothesis import settings as hypothesis_settings

from tests.services import provide_services

_stop_services = provide_services()
# Set here and not in pyproject.toml: pytest-django would load the settings before any conftest could run.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
django.setup()

hypothesis_settings.register_profile("default", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_unconfigure() -> None:
    for stop in _stop_services:
        stop()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits and cached selectors of one test must not reach the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _fresh_reference_data() -> None:
    """A process remembers instruments by key; their ids are gone with the test that made them."""
    from trading.instruments.process_cache import forget_reference_data

    forget_reference_data()
