"""The permission table, written out a second time by hand, so that a change to it is a decision."""

from uuid import uuid4

import pytest

from accounts.domain.actor import api_key_actor, system_actor, user_actor
from accounts.domain.permissions import ROLE_PERMISSIONS, Permission, Role, may_assign
from core.errors import PermissionDenied

#                         owner  admin  risk   trader analyst viewer
TABLE: dict[Permission, tuple[int, int, int, int, int, int]] = {
    Permission.VIEW_MARKET: (1, 1, 1, 1, 1, 1),
    Permission.VIEW_ACCOUNTS: (1, 1, 1, 1, 1, 1),
    Permission.VIEW_ALL_ACCOUNTS: (1, 1, 1, 0, 1, 1),
    Permission.MANAGE_ACCOUNTS: (1, 1, 0, 0, 0, 0),
    Permission.PLACE_ORDERS: (1, 0, 0, 1, 0, 0),
    Permission.CANCEL_ORDERS: (1, 1, 1, 1, 0, 0),
    Permission.MANAGE_WATCHLISTS: (1, 1, 0, 1, 1, 0),
    Permission.VIEW_RISK: (1, 1, 1, 1, 1, 1),
    Permission.CHANGE_LIMITS: (1, 0, 1, 0, 0, 0),
    Permission.KILL_SWITCH: (1, 1, 1, 0, 0, 0),
    Permission.VIEW_MEMBERS: (1, 1, 1, 1, 0, 0),
    Permission.MANAGE_MEMBERS: (1, 1, 0, 0, 0, 0),
    Permission.MANAGE_ORGANISATION: (1, 1, 0, 0, 0, 0),
    Permission.MANAGE_API_KEYS: (1, 1, 0, 1, 0, 0),
    Permission.VIEW_AUDIT: (1, 1, 1, 0, 0, 0),
    Permission.FILL_MARKET_DATA: (1, 1, 0, 0, 0, 0),
    Permission.VIEW_STRATEGIES: (1, 1, 1, 1, 1, 1),
    Permission.RUN_BACKTESTS: (1, 1, 1, 1, 1, 0),
    Permission.RUN_STRATEGIES: (1, 0, 0, 1, 0, 0),
    Permission.MANAGE_STRATEGY_CODE: (1, 1, 0, 0, 0, 0),
    Permission.VIEW_ANALYTICS: (1, 1, 1, 1, 1, 0),
    Permission.WRITE_JOURNAL: (1, 1, 0, 1, 0, 0),
    Permission.IMPORT_STATEMENTS: (1, 1, 0, 1, 0, 0),
    Permission.EXPORT: (1, 1, 1, 1, 1, 0),
}
COLUMNS = (Role.OWNER, Role.ADMIN, Role.RISK_MANAGER, Role.TRADER, Role.ANALYST, Role.VIEWER)


def test_every_permission_and_every_role_is_in_the_table() -> None:
    assert set(TABLE) == set(Permission)
    assert set(COLUMNS) == set(Role) == set(ROLE_PERMISSIONS)


@pytest.mark.parametrize("permission", list(Permission))
def test_roles_hold_exactly_what_the_table_says(permission: Permission) -> None:
    held = tuple(int(permission in ROLE_PERMISSIONS[role]) for role in COLUMNS)
    assert held == TABLE[permission]


def test_only_an_owner_makes_or_unmakes_an_owner() -> None:
    assert may_assign(Role.OWNER, current=Role.TRADER, new=Role.OWNER)
    assert may_assign(Role.ADMIN, current=Role.TRADER, new=Role.ADMIN)
    assert not may_assign(Role.ADMIN, current=Role.ADMIN, new=Role.OWNER)
    assert not may_assign(Role.ADMIN, current=Role.OWNER, new=None)
    assert not may_assign(Role.RISK_MANAGER, current=None, new=Role.VIEWER)


@pytest.mark.parametrize("role", list(Role))
def test_a_key_never_exceeds_its_role_nor_its_scopes(role: Role) -> None:
    scopes = frozenset({Permission.PLACE_ORDERS, Permission.VIEW_MARKET})
    key = api_key_actor(
        user_id=uuid4(), organisation_id=uuid4(), role=role, scopes=scopes, label="k", api_key_id=uuid4()
    )
    assert key.permissions <= scopes
    assert key.permissions <= ROLE_PERMISSIONS[role]


def test_require_refuses_what_may_denies() -> None:
    viewer = user_actor(user_id=uuid4(), organisation_id=uuid4(), role=Role.VIEWER, label="v")
    viewer.require(Permission.VIEW_MARKET)
    with pytest.raises(PermissionDenied):
        viewer.require(Permission.PLACE_ORDERS)
    system_actor(uuid4(), "sweep").require(Permission.PLACE_ORDERS)
