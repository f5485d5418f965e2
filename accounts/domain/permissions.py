"""Who may do what: one table, asked by pages, API, sockets, tasks, exports and admin alike."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """A member's role in one organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    RISK_MANAGER = "risk_manager"
    TRADER = "trader"
    ANALYST = "analyst"
    VIEWER = "viewer"

    @property
    def label(self) -> str:
        """The role as shown to people, such as "Risk manager"."""
        return self.value.replace("_", " ").capitalize()


class Permission(StrEnum):
    """One thing that can be allowed; an API key's scopes are taken from these."""

    VIEW_MARKET = "view_market"
    FILL_MARKET_DATA = "fill_market_data"
    VIEW_ACCOUNTS = "view_accounts"
    VIEW_ALL_ACCOUNTS = "view_all_accounts"
    MANAGE_ACCOUNTS = "manage_accounts"
    PLACE_ORDERS = "place_orders"
    CANCEL_ORDERS = "cancel_orders"
    MANAGE_WATCHLISTS = "manage_watchlists"
    VIEW_RISK = "view_risk"
    CHANGE_LIMITS = "change_limits"
    KILL_SWITCH = "kill_switch"
    VIEW_MEMBERS = "view_members"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ORGANISATION = "manage_organisation"
    MANAGE_API_KEYS = "manage_api_keys"
    VIEW_AUDIT = "view_audit"
    VIEW_STRATEGIES = "view_strategies"
    RUN_BACKTESTS = "run_backtests"
    RUN_STRATEGIES = "run_strategies"
    MANAGE_STRATEGY_CODE = "manage_strategy_code"
    VIEW_ANALYTICS = "view_analytics"
    WRITE_JOURNAL = "write_journal"
    IMPORT_STATEMENTS = "import_statements"
    EXPORT = "export"

    @property
    def label(self) -> str:
        """The permission as shown to people, such as "Place orders"."""
        return self.value.replace("_", " ").capitalize().replace("api", "API")


ALL_PERMISSIONS: frozenset[Permission] = frozenset(Permission)

_P = Permission

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: ALL_PERMISSIONS,
        # An administrator runs the house but neither trades nor sets the limits that traders work under.
        Role.ADMIN: ALL_PERMISSIONS - {_P.PLACE_ORDERS, _P.CHANGE_LIMITS, _P.RUN_STRATEGIES},
        Role.RISK_MANAGER: frozenset(
            {
                _P.VIEW_MARKET,
                _P.VIEW_ACCOUNTS,
                _P.VIEW_ALL_ACCOUNTS,
                _P.CANCEL_ORDERS,
                _P.VIEW_RISK,
                _P.CHANGE_LIMITS,
                _P.KILL_SWITCH,
                _P.VIEW_MEMBERS,
                _P.VIEW_AUDIT,
                _P.VIEW_STRATEGIES,
                _P.RUN_BACKTESTS,
                _P.VIEW_ANALYTICS,
                _P.EXPORT,
            }
        ),
        # Without VIEW_ALL_ACCOUNTS a member sees only the trading accounts that are their own.
        Role.TRADER: frozenset(
            {
                _P.VIEW_MARKET,
                _P.VIEW_ACCOUNTS,
                _P.PLACE_ORDERS,
                _P.CANCEL_ORDERS,
                _P.MANAGE_WATCHLISTS,
                _P.VIEW_RISK,
                _P.VIEW_MEMBERS,
                _P.MANAGE_API_KEYS,
                _P.VIEW_STRATEGIES,
                _P.RUN_BACKTESTS,
                _P.RUN_STRATEGIES,
                _P.VIEW_ANALYTICS,
                _P.WRITE_JOURNAL,
                _P.IMPORT_STATEMENTS,
                _P.EXPORT,
            }
        ),
        Role.ANALYST: frozenset(
            {
                _P.VIEW_MARKET,
                _P.VIEW_ACCOUNTS,
                _P.VIEW_ALL_ACCOUNTS,
                _P.MANAGE_WATCHLISTS,
                _P.VIEW_RISK,
                _P.VIEW_STRATEGIES,
                _P.RUN_BACKTESTS,
                _P.VIEW_ANALYTICS,
                _P.EXPORT,
            }
        ),
        Role.VIEWER: frozenset(
            {_P.VIEW_MARKET, _P.VIEW_ACCOUNTS, _P.VIEW_ALL_ACCOUNTS, _P.VIEW_RISK, _P.VIEW_STRATEGIES}
        ),
    }
)


def permissions_of(role: Role) -> frozenset[Permission]:
    """Everything a member with this role may do."""
    return ROLE_PERMISSIONS[role]


def may_assign(assigner: Role, *, current: Role | None, new: Role | None) -> bool:
    """May a member with role `assigner` move another from `current` (None: no member) to `new` (None: out)?

    Only an owner makes or unmakes an owner; otherwise an administrator could promote themselves.
    """
    if _P.MANAGE_MEMBERS not in ROLE_PERMISSIONS[assigner]:
        return False
    return assigner is Role.OWNER or Role.OWNER not in (current, new)
