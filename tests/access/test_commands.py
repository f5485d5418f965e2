"""Every management command, and whose rows it works on: one that is not in the table fails the build."""

import inspect

import pytest
from django.core.management import get_commands, load_command_class

from tests.access.routes import COMMANDS, MAKES_THE_DEMO, SEES_ALL_TENANTS

OURS = ("accounts", "analytics", "backtests", "config", "core", "notifications", "riskmgmt", "trading")


def _ours() -> dict[str, str]:
    return {name: str(app) for name, app in get_commands().items() if str(app).split(".")[0] in OURS}


def test_every_command_is_in_the_table() -> None:
    assert set(_ours()) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_enters_the_system_scope_where_the_table_says_so_and_nowhere_else(name: str) -> None:
    source = inspect.getsource(inspect.getmodule(type(load_command_class(_ours()[name], name))))  # type: ignore[arg-type]
    if COMMANDS[name] != MAKES_THE_DEMO:
        assert ("with system_scope()" in source) == (COMMANDS[name] == SEES_ALL_TENANTS)
