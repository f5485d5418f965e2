"""Production settings: strict about the environment, and nothing that `check --deploy` would object to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

ROOT = Path(__file__).resolve().parents[2]
CHECK_ENVIRONMENT = dict(
    line.split("=", 1)
    for line in (ROOT / "platform/deploy/check.env").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def _manage(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments, "--settings", "config.settings.production"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_deployment_check_is_clean() -> None:
    result = _manage("check", "--deploy", "--fail-level", "WARNING", environment=CHECK_ENVIRONMENT)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_value_stops_the_start_and_is_named(missing: str) -> None:
    environment = {name: value for name, value in CHECK_ENVIRONMENT.items() if name != missing}
    result = _manage("check", environment=environment)
    assert result.returncode != 0
    assert missing in result.stderr


@pytest.mark.parametrize("command", ["demo", "seed_demo"])
def test_the_demo_refuses_production_settings(command: str) -> None:
    result = _manage(command, environment=CHECK_ENVIRONMENT)
    assert result.returncode == 1
    assert "demo" in result.stderr.lower()
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "dotted",
    [
        *settings.BENCHES.values(),
        *settings.MARKET_LISTENERS,
        *settings.PRE_TRADE_GATES,
    ],
)
def test_what_settings_name_by_path_is_there(dotted: str) -> None:
    assert callable(import_string(dotted))
