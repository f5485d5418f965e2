"""Who may call which address: one line a method. An address that is not here fails the build.

`who` is a permission, or one of ANYBODY (no log-in), MEMBERS (any log-in), NOBODY (none of the six roles).
The rest names, for each part of the address, the kind of object in `tests.access.world.OBJECTS`.
"""

from dataclasses import dataclass
from enum import Enum

from accounts.domain.permissions import ROLE_PERMISSIONS, Permission, Role


class Who(Enum):
    """Access that is no single permission."""

    ANYBODY = "no log-in needed"
    MEMBERS = "any log-in"
    NOBODY = "somebody else than the six members"


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    pattern: str
    who: Permission | Who
    objects: tuple[tuple[str, str], ...] = ()
    body: str = "{}"
    query: str = ""

    def admits(self, role: Role) -> bool:
        """Whether a member with this role gets through to an object of their own."""
        if isinstance(self.who, Permission):
            return self.who in ROLE_PERMISSIONS[role]
        return self.who is not Who.NOBODY

    @property
    def is_api(self) -> bool:
        """Whether the address answers in JSON."""
        return self.pattern.startswith("api/v1/")


def _route(
    methods: str, pattern: str, who: Permission | Who, *, body: str = "{}", query: str = "", **objects: str
) -> list[Route]:
    """`body` (JSON; a page gets it as a form) and `query` are for addresses that look at them before the object."""
    return [Route(method, pattern, who, tuple(objects.items()), body, query) for method in methods.split()]


P = Permission
ANYBODY, MEMBERS, NOBODY = Who.ANYBODY, Who.MEMBERS, Who.NOBODY

# allauth's own pages name no tenant's object; the admin has its own test.
ELSEWHERE = ("accounts/", "admin/")

CORE = [
    *_route("GET", "healthz", ANYBODY),
    *_route("GET", "readyz", ANYBODY),
    *_route("GET", "metrics", ANYBODY),
    *_route("GET", "api/schema/", ANYBODY),
    *_route("GET", "api/docs/", ANYBODY),
    *_route("GET", "api/redoc/", ANYBODY),
]

_ORGANISATION = "api/v1/organisations/<uuid:organisation_id>"
ACCOUNTS = [
    *_route("GET", "organisation/members/", P.VIEW_MEMBERS),
    *_route("POST", "organisation/members/", P.MANAGE_MEMBERS),
    *_route("POST", "organisation/members/<uuid:membership_id>/role/", P.MANAGE_MEMBERS, membership_id="member"),
    *_route(
        "GET POST",
        "organisation/members/<uuid:membership_id>/remove/",
        P.MANAGE_MEMBERS,
        membership_id="member",
    ),
    *_route(
        "POST",
        "organisation/invitations/<uuid:invitation_id>/revoke/",
        P.MANAGE_MEMBERS,
        invitation_id="invitation",
    ),
    *_route("POST", "organisation/new/", MEMBERS),
    *_route("GET", "invitations/<str:token>/", ANYBODY, token="invitation_token"),
    *_route("POST", "invitations/<str:token>/", NOBODY, token="invitation_token"),
    *_route("GET POST", "api-keys/", P.MANAGE_API_KEYS),
    *_route("GET POST", "api-keys/<uuid:api_key_id>/revoke/", P.MANAGE_API_KEYS, api_key_id="api_key"),
    *_route("GET", "audit/", P.VIEW_AUDIT),
    *_route("GET POST", "profile/", MEMBERS),
    *_route("POST", "api/v1/auth/login", ANYBODY),
    *_route("POST", "api/v1/auth/refresh", ANYBODY),
    *_route("POST", "api/v1/auth/logout", MEMBERS),
    *_route("GET", "api/v1/auth/me", MEMBERS),
    *_route("POST", "api/v1/auth/ws-ticket", MEMBERS),
    *_route("GET POST", "api/v1/organisations", MEMBERS),
    *_route("POST", f"{_ORGANISATION}/activate", MEMBERS, organisation_id="organisation"),
    *_route("GET", f"{_ORGANISATION}/members", P.VIEW_MEMBERS, organisation_id="organisation"),
    *_route(
        "PATCH DELETE",
        f"{_ORGANISATION}/members/<uuid:membership_id>",
        P.MANAGE_MEMBERS,
        organisation_id="organisation",
        membership_id="member",
    ),
    *_route("GET POST", f"{_ORGANISATION}/invitations", P.MANAGE_MEMBERS, organisation_id="organisation"),
    *_route(
        "DELETE",
        f"{_ORGANISATION}/invitations/<uuid:invitation_id>",
        P.MANAGE_MEMBERS,
        organisation_id="organisation",
        invitation_id="invitation",
    ),
    *_route("POST", "api/v1/invitations/accept", MEMBERS),
    *_route("GET POST", "api/v1/api-keys", P.MANAGE_API_KEYS),
    *_route("DELETE", "api/v1/api-keys/<uuid:api_key_id>", P.MANAGE_API_KEYS, api_key_id="api_key"),
    *_route("GET", "api/v1/audit", P.VIEW_AUDIT),
]

# The bare addresses are for anybody where the operator says so; a token in the address is its own log-in.
_BARS = "?symbol=NSE:RELIANCE&resolution=1D&from=0&to=1800000000"
UDF = [
    route
    for address, query in (
        ("config", ""),
        ("symbols", "?symbol=NSE:RELIANCE"),
        ("search", "?query=REL"),
        ("history", _BARS),
        ("marks", _BARS),
        ("timescale_marks", _BARS),
        ("time", ""),
        ("quotes", "?symbols=NSE:RELIANCE"),
    )
    for route in (
        *_route("GET", f"udf/{address}", ANYBODY, query=query),
        *_route("GET", f"udf/<str:token>/{address}", ANYBODY, query=query, token="datafeed_token_text"),
    )
]
MARKET = [
    *_route("GET", "search/", P.VIEW_MARKET),
    *_route("GET", "chart/", P.VIEW_MARKET),
    *_route("GET", "chart/<str:key>/", P.VIEW_MARKET, key="instrument"),
    *_route("GET", "api/v1/instruments", P.VIEW_MARKET),
    *_route("GET", "api/v1/instruments/<str:key>", P.VIEW_MARKET, key="instrument"),
    *_route("GET", "api/v1/market/status", P.VIEW_MARKET),
    *_route("GET", "api/v1/market/feeds", P.VIEW_MARKET),
    *_route("GET", "api/v1/market/daily/<str:key>", P.VIEW_MARKET, key="instrument"),
    *_route("GET", "api/v1/market/gaps", P.VIEW_MARKET),
    *_route("GET", "api/v1/market/backfills", P.VIEW_MARKET),
    *_route("POST", "api/v1/market/backfills", P.FILL_MARKET_DATA),
    *_route("GET", "api/v1/market/backfills/<uuid:backfill_id>", P.VIEW_MARKET, backfill_id="backfill"),
    *_route("DELETE", "api/v1/market/backfills/<uuid:backfill_id>", P.FILL_MARKET_DATA, backfill_id="backfill"),
    *_route("GET", "api/v1/market/imports", P.VIEW_MARKET),
    *_route("GET", "api/v1/market/storage", P.VIEW_MARKET),
    *_route("GET", "market/health/", P.VIEW_MARKET),
    *_route("GET", "market/health/gaps/", P.VIEW_MARKET),
    *_route("GET", "market/health/backfills/", P.VIEW_MARKET),
    *_route("POST", "market/health/fill/", P.FILL_MARKET_DATA),
    *_route(
        "POST", "market/health/backfills/<uuid:backfill_id>/cancel/", P.FILL_MARKET_DATA, backfill_id="backfill"
    ),
    *_route("GET", "api/v1/quotes", P.VIEW_MARKET),
    *_route("GET", "api/v1/depth/<str:key>", P.VIEW_MARKET, key="instrument"),
    *_route("GET", "api/v1/candles/<str:key>", P.VIEW_MARKET, key="instrument"),
    *_route("GET", "options/", P.VIEW_MARKET),
    *_route("POST", "options/columns/", P.VIEW_MARKET),
    *_route("GET", "options/<str:underlying>/", P.VIEW_MARKET, underlying="option_underlying"),
    *_route("GET", "api/v1/options/<str:underlying>/expiries", P.VIEW_MARKET, underlying="option_underlying"),
    *_route(
        "GET",
        "api/v1/options/<str:underlying>/chain",
        P.VIEW_MARKET,
        query="?expiry=2032-12-30",
        underlying="option_underlying",
    ),
    *_route(
        "GET",
        "api/v1/options/<str:underlying>/analytics",
        P.VIEW_MARKET,
        query="?expiry=2032-12-30",
        underlying="option_underlying",
    ),
    *_route(
        "GET",
        "api/v1/options/<str:underlying>/series",
        P.VIEW_MARKET,
        query="?expiry=2032-12-30",
        underlying="option_underlying",
    ),
    *_route("GET", "api/v1/option-bars/<str:key>", P.VIEW_MARKET, key="option"),
    *_route("GET", "api/v1/futures/<str:underlying>", P.VIEW_MARKET, underlying="option_underlying"),
    *_route("GET", "api/v1/indicators", P.VIEW_MARKET),
    *_route("GET", "api/v1/indicators/<str:name>", P.VIEW_MARKET, query="?symbol=NSE:RELIANCE", name="indicator"),
    *_route("GET", "api/v1/chart-layouts", P.VIEW_MARKET),
    *_route("GET PUT DELETE", "api/v1/chart-layouts/<str:key>", P.VIEW_MARKET, key="instrument"),
    *_route("GET", "api/v1/chart-drawings", P.VIEW_MARKET, query="?symbol=NSE:RELIANCE"),
    *_route(
        "PUT DELETE",
        "api/v1/chart-drawings/<uuid:drawing_id>",
        P.VIEW_MARKET,
        drawing_id="chart_drawing",
        body='{"symbol": "NSE:RELIANCE", "kind": "HORIZONTAL", "first_price": "100.00"}',
    ),
    *_route("GET POST", "api/v1/datafeed-tokens", P.VIEW_MARKET),
    *_route("DELETE", "api/v1/datafeed-tokens/<uuid:token_id>", P.VIEW_MARKET, token_id="datafeed_token"),
    *_route("GET", "market/", P.VIEW_MARKET),
    *_route("GET", "api/v1/market/overview", P.VIEW_MARKET),
    *_route("GET POST", "datafeed/", P.VIEW_MARKET),
    *UDF,
    *_route("GET POST", "datafeed/<uuid:token_id>/revoke/", P.VIEW_MARKET, token_id="datafeed_token"),
]

ORDERS = [
    *_route("GET", "orders/", P.VIEW_ACCOUNTS),
    *_route("GET", "orders/ticket/", P.PLACE_ORDERS),
    *_route("POST", "orders/preview/", P.PLACE_ORDERS),
    *_route("POST", "orders/submit/", P.PLACE_ORDERS),
    *_route("GET", "orders/trades/", P.VIEW_ACCOUNTS),
    *_route("GET", "orders/standing/", P.VIEW_ACCOUNTS),
    *_route("GET POST", "orders/cancel-all/", P.CANCEL_ORDERS),
    *_route("GET", "orders/groups/", P.VIEW_ACCOUNTS),
    *_route("GET", "orders/groups/<uuid:group_id>/", P.VIEW_ACCOUNTS, group_id="order_group"),
    *_route("POST", "orders/groups/<uuid:group_id>/cancel/", P.CANCEL_ORDERS, group_id="order_group"),
    *_route("GET", "orders/baskets/", P.PLACE_ORDERS),
    *_route("POST", "orders/baskets/save/", P.PLACE_ORDERS),
    *_route("POST", "orders/baskets/<uuid:basket_id>/delete/", P.PLACE_ORDERS, basket_id="basket"),
    *_route("GET", "orders/multi-leg/", P.PLACE_ORDERS),
    *_route("GET", "orders/legs/", P.PLACE_ORDERS),
    *_route("GET", "orders/legs/search/", P.PLACE_ORDERS),
    *_route("POST", "orders/legs/preview/", P.PLACE_ORDERS),
    *_route("POST", "orders/legs/submit/", P.PLACE_ORDERS),
    *_route("GET POST", "orders/positions/close-all/", P.PLACE_ORDERS),
    *_route("GET", "orders/marks/<str:key>/", P.VIEW_ACCOUNTS, key="instrument"),
    *_route("GET", "orders/<uuid:order_id>/", P.VIEW_ACCOUNTS, order_id="order"),
    *_route("GET", "orders/<uuid:order_id>/result/", P.VIEW_ACCOUNTS, order_id="order"),
    *_route("GET POST", "orders/<uuid:order_id>/modify/", P.PLACE_ORDERS, order_id="order"),
    *_route("POST", "orders/<uuid:order_id>/modify/preview/", P.PLACE_ORDERS, order_id="order"),
    *_route("POST", "orders/<uuid:order_id>/cancel/", P.CANCEL_ORDERS, order_id="order"),
    *_route("GET POST", "orders/positions/<uuid:position_id>/close/", P.PLACE_ORDERS, position_id="position"),
    *_route("GET POST", "orders/positions/<uuid:position_id>/convert/", P.PLACE_ORDERS, position_id="position"),
    *_route("GET", "api/v1/orders", P.VIEW_ACCOUNTS),
    *_route("POST", "api/v1/orders", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/preview", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/cancel-all", P.CANCEL_ORDERS),
    *_route("GET", "api/v1/orders/<uuid:order_id>", P.VIEW_ACCOUNTS, order_id="order"),
    *_route("PUT", "api/v1/orders/<uuid:order_id>", P.PLACE_ORDERS, order_id="order"),
    *_route("DELETE", "api/v1/orders/<uuid:order_id>", P.CANCEL_ORDERS, order_id="order"),
    *_route("POST", "api/v1/orders/<uuid:order_id>/preview", P.PLACE_ORDERS, order_id="order"),
    *_route("GET", "api/v1/orders/<uuid:order_id>/events", P.VIEW_ACCOUNTS, order_id="order"),
    *_route("GET", "api/v1/trades", P.VIEW_ACCOUNTS),
    *_route("POST", "api/v1/positions/<uuid:position_id>/close", P.PLACE_ORDERS, position_id="position"),
    *_route(
        "POST",
        "api/v1/positions/<uuid:position_id>/convert",
        P.PLACE_ORDERS,
        position_id="position",
        body='{"product": "DELIVERY"}',
    ),
    *_route("POST", "api/v1/positions/close-all", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/basket", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/basket/preview", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/multi-leg", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/multi-leg/preview", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/options", P.PLACE_ORDERS),
    *_route("POST", "api/v1/orders/target", P.PLACE_ORDERS),
    *_route("GET", "api/v1/order-groups", P.VIEW_ACCOUNTS),
    *_route("GET", "api/v1/order-groups/<uuid:group_id>", P.VIEW_ACCOUNTS, group_id="order_group"),
    *_route("DELETE", "api/v1/order-groups/<uuid:group_id>", P.CANCEL_ORDERS, group_id="order_group"),
    *_route("GET", "options/builder/", P.VIEW_MARKET),
    *_route("GET", "options/builder/chain/", P.VIEW_MARKET),
    *_route("GET", "options/builder/legs/", P.VIEW_MARKET, query="?symbol=NSE:RELIANCE"),
    *_route("POST", "options/builder/analysis/", P.VIEW_MARKET),
    *_route("POST", "options/builder/order/", P.PLACE_ORDERS),
    *_route("POST", "options/builder/keep/", P.VIEW_MARKET),
    *_route(
        "POST",
        "options/builder/kept/<uuid:strategy_id>/forget/",
        P.VIEW_MARKET,
        strategy_id="option_strategy",
    ),
    *_route("POST", "api/v1/options/payoff", P.VIEW_MARKET),
    *_route("GET", "api/v1/options/shapes", P.VIEW_MARKET),
    *_route(
        "GET",
        "api/v1/options/shapes/<str:shape>",
        P.VIEW_MARKET,
        shape="shape",
        query="?underlying=NIFTY&expiry=2032-12-30",
    ),
    *_route("GET POST", "api/v1/options/strategies", P.VIEW_MARKET),
    *_route(
        "GET PUT DELETE",
        "api/v1/options/strategies/<uuid:strategy_id>",
        P.VIEW_MARKET,
        strategy_id="option_strategy",
    ),
    *_route("GET POST", "api/v1/baskets", P.PLACE_ORDERS),
    *_route("GET PUT DELETE", "api/v1/baskets/<uuid:basket_id>", P.PLACE_ORDERS, basket_id="basket"),
]

TRIGGERS = [
    *_route("GET", "triggers/", P.VIEW_ACCOUNTS),
    *_route("GET POST", "triggers/new/", P.PLACE_ORDERS),
    *_route("GET", "triggers/alarms/", P.VIEW_ACCOUNTS),
    *_route("POST", "triggers/cancel-all/", P.CANCEL_ORDERS),
    *_route("GET", "triggers/<uuid:trigger_id>/", P.VIEW_ACCOUNTS, trigger_id="trigger"),
    *_route("GET POST", "triggers/<uuid:trigger_id>/modify/", P.PLACE_ORDERS, trigger_id="trigger"),
    *_route("POST", "triggers/<uuid:trigger_id>/cancel/", P.CANCEL_ORDERS, trigger_id="trigger"),
    *_route("GET", "api/v1/triggers", P.VIEW_ACCOUNTS),
    *_route("POST", "api/v1/triggers", P.PLACE_ORDERS),
    *_route("POST", "api/v1/triggers/cancel-all", P.CANCEL_ORDERS),
    *_route("GET", "api/v1/triggers/<uuid:trigger_id>", P.VIEW_ACCOUNTS, trigger_id="trigger"),
    *_route("PUT", "api/v1/triggers/<uuid:trigger_id>", P.PLACE_ORDERS, trigger_id="trigger"),
    *_route("DELETE", "api/v1/triggers/<uuid:trigger_id>", P.CANCEL_ORDERS, trigger_id="trigger"),
    *_route("GET", "api/v1/triggers/<uuid:trigger_id>/events", P.VIEW_ACCOUNTS, trigger_id="trigger"),
]

PORTFOLIO = [
    *_route("GET", "", P.VIEW_ACCOUNTS),
    *_route("GET", "positions/", P.VIEW_ACCOUNTS),
    *_route("GET", "positions/day-pnl/", P.VIEW_ACCOUNTS),
    *_route("GET", "holdings/", P.VIEW_ACCOUNTS),
    *_route("GET", "funds/", P.VIEW_ACCOUNTS),
    *_route("POST", "funds/", P.MANAGE_ACCOUNTS),
    *_route("POST", "funds/accounts/", P.MANAGE_ACCOUNTS),
    *_route("GET", "api/v1/accounts", P.VIEW_ACCOUNTS),
    *_route("POST", "api/v1/accounts", P.MANAGE_ACCOUNTS),
    *_route("GET", "api/v1/accounts/<uuid:account_id>", P.VIEW_ACCOUNTS, account_id="account"),
    *_route("GET", "api/v1/accounts/<uuid:account_id>/funds", P.VIEW_ACCOUNTS, account_id="account"),
    *_route("GET", "api/v1/accounts/<uuid:account_id>/margin", P.VIEW_ACCOUNTS, account_id="account"),
    *_route("GET", "api/v1/accounts/<uuid:account_id>/ledger", P.VIEW_ACCOUNTS, account_id="account"),
    *_route(
        "POST",
        "api/v1/accounts/<uuid:account_id>/deposits",
        P.MANAGE_ACCOUNTS,
        account_id="account",
        body='{"amount": "100.00"}',
    ),
    *_route("GET", "api/v1/accounts/<uuid:account_id>/charges", P.VIEW_ACCOUNTS, account_id="account"),
    *_route("GET", "api/v1/positions/<uuid:position_id>/events", P.VIEW_ACCOUNTS, position_id="position"),
    *_route("GET", "positions/<uuid:position_id>/", P.VIEW_ACCOUNTS, position_id="position"),
    *_route("GET", "positions/square-off/", P.VIEW_ACCOUNTS),
    *_route("GET", "api/v1/accounts/<uuid:account_id>/square-off", P.VIEW_ACCOUNTS, account_id="account"),
    *_route("GET", "api/v1/positions", P.VIEW_ACCOUNTS),
    *_route("GET", "api/v1/holdings", P.VIEW_ACCOUNTS),
    *_route("GET", "api/v1/portfolio", P.VIEW_ACCOUNTS),
]

_LIST = "api/v1/watchlists/<uuid:watchlist_id>"
_KEY = '{"key": "NSE:RELIANCE", "symbol": "NSE:RELIANCE", "steps": 1}'
WATCHLISTS = [
    *_route("GET", "watchlist/", P.VIEW_MARKET),
    *_route("GET", "watchlist/panel/", P.VIEW_MARKET),
    *_route("GET", "watchlist/suggest/", P.MANAGE_WATCHLISTS),
    *_route("POST", "watchlist/create/", P.MANAGE_WATCHLISTS),
    *_route("POST", "watchlist/<uuid:watchlist_id>/update/", P.MANAGE_WATCHLISTS, watchlist_id="watchlist"),
    *_route("POST", "watchlist/<uuid:watchlist_id>/delete/", P.MANAGE_WATCHLISTS, watchlist_id="watchlist"),
    *_route("POST", "watchlist/<uuid:watchlist_id>/add/", P.MANAGE_WATCHLISTS, watchlist_id="watchlist", body=_KEY),
    *_route(
        "POST", "watchlist/<uuid:watchlist_id>/remove/", P.MANAGE_WATCHLISTS, watchlist_id="watchlist", body=_KEY
    ),
    *_route(
        "POST", "watchlist/<uuid:watchlist_id>/move/", P.MANAGE_WATCHLISTS, watchlist_id="watchlist", body=_KEY
    ),
    *_route("GET", "api/v1/watchlists", P.VIEW_MARKET),
    *_route("POST", "api/v1/watchlists", P.MANAGE_WATCHLISTS),
    *_route("GET", _LIST, P.VIEW_MARKET, watchlist_id="watchlist"),
    *_route("PATCH DELETE", _LIST, P.MANAGE_WATCHLISTS, watchlist_id="watchlist"),
    *_route(
        "POST",
        f"{_LIST}/items",
        P.MANAGE_WATCHLISTS,
        watchlist_id="watchlist",
        body='{"symbols": ["NSE:RELIANCE"]}',
    ),
    *_route(
        "DELETE", f"{_LIST}/items", P.MANAGE_WATCHLISTS, watchlist_id="watchlist", query="?symbol=NSE:RELIANCE"
    ),
]

RISK = [
    *_route("GET", "risk/", P.VIEW_RISK),
    *_route("GET", "risk/exposure/", P.VIEW_RISK),
    *_route("GET POST", "risk/limits/", P.CHANGE_LIMITS),
    *_route("POST", "risk/state/", P.CHANGE_LIMITS),
    *_route("GET POST", "risk/breaker/", P.CHANGE_LIMITS),
    *_route("POST", "risk/breaker/reset/", P.CHANGE_LIMITS),
    *_route("GET POST", "risk/kill-switch/", P.KILL_SWITCH),
    *_route(
        "GET POST",
        "risk/kill-switch/<uuid:kill_switch_id>/release/",
        P.KILL_SWITCH,
        kill_switch_id="kill_switch",
    ),
    *_route("GET", "risk/decisions/", P.VIEW_RISK),
    *_route("GET", "risk/breaches/", P.VIEW_RISK),
    *_route("GET", "risk/sizing/", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/limits", P.VIEW_RISK),
    *_route("PUT", "api/v1/risk/limits", P.CHANGE_LIMITS),
    *_route("GET", "api/v1/risk/decisions", P.VIEW_RISK),
    *_route("POST", "api/v1/risk/validate-order", P.PLACE_ORDERS),
    *_route("GET", "api/v1/risk/breaches", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/states", P.VIEW_RISK),
    *_route("PUT", "api/v1/risk/states", P.CHANGE_LIMITS),
    *_route("GET", "api/v1/risk/circuit-breaker", P.VIEW_RISK),
    *_route("PUT", "api/v1/risk/circuit-breaker", P.CHANGE_LIMITS),
    *_route("POST", "api/v1/risk/circuit-breaker/reset", P.CHANGE_LIMITS),
    *_route("GET", "api/v1/risk/kill-switch", P.VIEW_RISK),
    *_route("POST DELETE", "api/v1/risk/kill-switch", P.KILL_SWITCH),
    *_route("POST", "api/v1/risk/position-size", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/exposure", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/greeks", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/var", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/stress", P.VIEW_RISK),
    *_route("GET", "api/v1/risk/marks", P.VIEW_RISK),
]

NOTIFICATIONS = [
    *_route("GET POST", "notifications/", P.VIEW_MARKET),
    *_route("GET", "notifications/unread/", P.VIEW_MARKET),
    *_route("POST", "notifications/<uuid:notification_id>/", P.VIEW_MARKET, notification_id="notification"),
    *_route("GET", "api/v1/notifications", P.VIEW_MARKET),
    *_route("POST", "api/v1/notifications/read-all", P.VIEW_MARKET),
    *_route(
        "POST",
        "api/v1/notifications/<uuid:notification_id>/read",
        P.VIEW_MARKET,
        notification_id="notification",
    ),
]

_RUN, _SIGNAL = "api/v1/strategy-runs/<uuid:run_id>", "api/v1/signals/<uuid:signal_id>"
STRATEGY_RUNS = [
    *_route("GET", "strategies/runs/", P.VIEW_STRATEGIES),
    *_route("GET", "strategies/runs/new/", P.RUN_STRATEGIES),
    *_route("GET", "strategies/runs/<uuid:run_id>/", P.VIEW_STRATEGIES, run_id="strategy_run"),
    *_route("GET", "strategies/runs/<uuid:run_id>/limits/", P.RUN_STRATEGIES, run_id="strategy_run"),
    *_route("POST", "strategies/runs/<uuid:run_id>/limits/", P.RUN_STRATEGIES, run_id="strategy_run"),
    *_route("PATCH", _RUN, P.RUN_STRATEGIES, run_id="strategy_run"),
    *(
        route
        for act in ("start", "pause", "stop", "flatten")
        for route in (
            *_route("POST", f"strategies/runs/<uuid:run_id>/{act}/", P.RUN_STRATEGIES, run_id="strategy_run"),
            *_route("POST", f"{_RUN}/{act}", P.RUN_STRATEGIES, run_id="strategy_run"),
        )
    ),
    *(
        route
        for act in ("approve", "decline")
        for route in (
            *_route(
                "POST", f"strategies/runs/signals/<uuid:signal_id>/{act}/", P.RUN_STRATEGIES, signal_id="signal"
            ),
            *_route("POST", f"{_SIGNAL}/{act}", P.RUN_STRATEGIES, signal_id="signal"),
        )
    ),
    *_route("GET", "api/v1/strategy-runs", P.VIEW_STRATEGIES),
    *_route("POST", "api/v1/strategy-runs", P.RUN_STRATEGIES),
    *_route("GET", _RUN, P.VIEW_STRATEGIES, run_id="strategy_run"),
    *_route("GET", f"{_RUN}/journal", P.VIEW_STRATEGIES, run_id="strategy_run"),
    *_route("GET", "api/v1/signals", P.VIEW_STRATEGIES),
]

_CODE = "<uuid:code_id>"
STRATEGIES = [
    *_route("GET", "strategies/", P.VIEW_STRATEGIES),
    *_route("GET", "strategies/<str:strategy_key>/", P.VIEW_STRATEGIES, strategy_key="own_strategy"),
    *_route("GET POST", "strategies/code/new/", P.MANAGE_STRATEGY_CODE),
    *_route("GET POST", f"strategies/code/{_CODE}/", P.MANAGE_STRATEGY_CODE, code_id="strategy_code"),
    *_route("POST", f"strategies/code/{_CODE}/delete/", P.MANAGE_STRATEGY_CODE, code_id="strategy_code"),
    *_route("GET", "api/v1/strategies", P.VIEW_STRATEGIES),
    *_route("GET", "api/v1/strategies/<str:strategy_key>", P.VIEW_STRATEGIES, strategy_key="own_strategy"),
    *_route("GET POST", "api/v1/strategy-code", P.MANAGE_STRATEGY_CODE),
    *_route("GET DELETE", f"api/v1/strategy-code/{_CODE}", P.MANAGE_STRATEGY_CODE, code_id="strategy_code"),
    *_route(
        "PUT",
        f"api/v1/strategy-code/{_CODE}",
        P.MANAGE_STRATEGY_CODE,
        code_id="strategy_code",
        body='{"source": "from trading.strategies.domain import Strategy"}',
    ),
]

_BACKTEST = "api/v1/backtests/<uuid:backtest_id>"
_SWEEP = "api/v1/sweeps/<uuid:sweep_id>"
_WALK_FORWARD = "api/v1/walk-forwards/<uuid:walk_forward_id>"
BACKTESTS = [
    *_route("GET", "backtests/", P.VIEW_STRATEGIES),
    *_route("GET POST", "backtests/new/", P.RUN_BACKTESTS),
    *_route("GET", "backtests/new/settings/", P.RUN_BACKTESTS, query="?strategy=ma_cross"),
    *_route("POST", "backtests/new/strategies/", P.RUN_BACKTESTS),
    *_route("POST", "backtests/new/check/", P.RUN_BACKTESTS),
    *_route("GET", "backtests/compare/", P.VIEW_STRATEGIES),
    *_route("GET", "backtests/divergence/<uuid:run_id>/", P.VIEW_STRATEGIES, run_id="strategy_run"),
    *_route("POST", "backtests/divergence/<uuid:run_id>/", P.RUN_BACKTESTS, run_id="strategy_run"),
    *_route("GET", "backtests/<uuid:run_id>/", P.VIEW_STRATEGIES, run_id="backtest"),
    *_route("GET", "backtests/<uuid:run_id>/panel/", P.VIEW_STRATEGIES, run_id="backtest"),
    *_route(
        "GET", "backtests/<uuid:run_id>/chart/", P.VIEW_STRATEGIES, run_id="backtest", query="?symbol=NSE:RELIANCE"
    ),
    *_route(
        "GET",
        "backtests/<uuid:run_id>/export/<str:rows>/<str:form>/",
        P.EXPORT,
        run_id="backtest",
        rows="export_rows",
        form="export_form",
    ),
    *_route("POST", "backtests/<uuid:run_id>/cancel/", P.RUN_BACKTESTS, run_id="backtest"),
    *_route("POST", "backtests/<uuid:run_id>/delete/", P.RUN_BACKTESTS, run_id="backtest"),
    *_route("GET", "backtests/<uuid:run_id>/cells/", P.VIEW_STRATEGIES, run_id="sweep"),
    *_route(
        "POST",
        "backtests/<uuid:run_id>/cells/<int:number>/run/",
        P.RUN_BACKTESTS,
        run_id="sweep",
        number="cell_number",
    ),
    *_route("POST", "backtests/<uuid:run_id>/note/", P.RUN_BACKTESTS, run_id="backtest"),
    *_route("GET", "api/v1/backtests", P.VIEW_STRATEGIES),
    *_route("POST", "api/v1/backtests", P.RUN_BACKTESTS),
    *_route("GET", _BACKTEST, P.VIEW_STRATEGIES, backtest_id="backtest"),
    *_route("PATCH DELETE", _BACKTEST, P.RUN_BACKTESTS, backtest_id="backtest"),
    *_route("POST", f"{_BACKTEST}/cancel", P.RUN_BACKTESTS, backtest_id="backtest"),
    *_route(
        "GET", "api/v1/backtests/compare", P.VIEW_STRATEGIES, query="?ids=01a1fd00-0000-7000-8000-000000000001"
    ),
    *_route("GET", f"{_BACKTEST}/monte-carlo", P.VIEW_STRATEGIES, backtest_id="backtest"),
    *_route("GET", f"{_BACKTEST}/trades", P.VIEW_STRATEGIES, backtest_id="backtest"),
    *_route("GET", f"{_BACKTEST}/orders", P.VIEW_STRATEGIES, backtest_id="backtest"),
    *_route("GET", f"{_BACKTEST}/log", P.VIEW_STRATEGIES, backtest_id="backtest"),
    *_route("GET", f"{_BACKTEST}/equity", P.VIEW_STRATEGIES, backtest_id="backtest"),
    *_route("GET", f"{_BACKTEST}/tear-sheet.pdf", P.EXPORT, backtest_id="backtest"),
    *_route("GET", f"{_BACKTEST}/export", P.EXPORT, backtest_id="backtest"),
    *_route("GET", f"{_RUN}/divergence", P.VIEW_STRATEGIES, run_id="strategy_run"),
    *_route("POST", f"{_RUN}/divergence", P.RUN_BACKTESTS, run_id="strategy_run"),
    *_route("GET", "api/v1/sweeps", P.VIEW_STRATEGIES),
    *_route("POST", "api/v1/sweeps", P.RUN_BACKTESTS),
    *_route("GET", _SWEEP, P.VIEW_STRATEGIES, sweep_id="sweep"),
    *_route("PATCH DELETE", _SWEEP, P.RUN_BACKTESTS, sweep_id="sweep"),
    *_route("POST", f"{_SWEEP}/cancel", P.RUN_BACKTESTS, sweep_id="sweep"),
    *_route("GET", f"{_SWEEP}/cells", P.VIEW_STRATEGIES, sweep_id="sweep"),
    *_route("POST", f"{_SWEEP}/cells/<int:number>/run", P.RUN_BACKTESTS, sweep_id="sweep", number="cell_number"),
    *_route("GET", f"{_SWEEP}/export", P.EXPORT, sweep_id="sweep"),
    *_route("GET", "api/v1/walk-forwards", P.VIEW_STRATEGIES),
    *_route("GET", f"{_WALK_FORWARD}/export", P.EXPORT, walk_forward_id="walk_forward"),
    *_route("POST", "api/v1/walk-forwards", P.RUN_BACKTESTS),
    *_route("GET", _WALK_FORWARD, P.VIEW_STRATEGIES, walk_forward_id="walk_forward"),
    *_route("PATCH DELETE", _WALK_FORWARD, P.RUN_BACKTESTS, walk_forward_id="walk_forward"),
    *_route("POST", f"{_WALK_FORWARD}/cancel", P.RUN_BACKTESTS, walk_forward_id="walk_forward"),
]

_STATEMENT = "api/v1/statements/<uuid:statement_id>"
ANALYTICS = [
    *_route("GET", "analytics/", P.VIEW_ANALYTICS),
    *_route("GET", "analytics/trades/", P.VIEW_ANALYTICS),
    *_route("GET", "analytics/journal/", P.VIEW_ANALYTICS),
    *_route("POST", "analytics/journal/", P.WRITE_JOURNAL),
    *_route("GET", "analytics/journal/<uuid:entry_id>/", P.VIEW_ANALYTICS, entry_id="journal_entry"),
    *_route("POST", "analytics/journal/<uuid:entry_id>/", P.WRITE_JOURNAL, entry_id="journal_entry"),
    *_route("POST", "analytics/journal/<uuid:entry_id>/delete/", P.WRITE_JOURNAL, entry_id="journal_entry"),
    *_route("POST", "analytics/journal/<uuid:entry_id>/pictures/", P.WRITE_JOURNAL, entry_id="journal_entry"),
    *_route("GET", "analytics/pictures/<uuid:picture_id>/", P.VIEW_ANALYTICS, picture_id="journal_picture"),
    *_route("POST", "analytics/pictures/<uuid:picture_id>/", P.WRITE_JOURNAL, picture_id="journal_picture"),
    *_route("GET", "analytics/tax/", P.VIEW_ANALYTICS),
    *_route("GET", "analytics/tear-sheet/", P.VIEW_ANALYTICS),
    *_route("GET", "analytics/tear-sheet.pdf", P.EXPORT),
    *_route("GET", "analytics/export/", P.EXPORT),
    *_route("GET", "analytics/conventions/", P.VIEW_ANALYTICS),
    *_route("POST", "analytics/conventions/", P.MANAGE_ORGANISATION),
    *_route("GET", "api/v1/analytics/tax", P.VIEW_ANALYTICS),
    *_route("GET", "api/v1/analytics/tear-sheet.pdf", P.EXPORT),
    *_route("GET", "api/v1/analytics/export", P.EXPORT, query="?table=trades"),
    *_route("GET", "api/v1/analytics/conventions", P.VIEW_ANALYTICS),
    *_route("PUT", "api/v1/analytics/conventions", P.MANAGE_ORGANISATION),
    *_route("GET", "api/v1/analytics/journal", P.VIEW_ANALYTICS),
    *_route("POST", "api/v1/analytics/journal", P.WRITE_JOURNAL),
    *_route("GET", "api/v1/analytics/journal/<uuid:entry_id>", P.VIEW_ANALYTICS, entry_id="journal_entry"),
    *_route("PUT DELETE", "api/v1/analytics/journal/<uuid:entry_id>", P.WRITE_JOURNAL, entry_id="journal_entry"),
    *_route("POST", "api/v1/analytics/journal/<uuid:entry_id>/pictures", P.WRITE_JOURNAL, entry_id="journal_entry"),
    *_route("GET", "api/v1/analytics/pictures/<uuid:picture_id>", P.VIEW_ANALYTICS, picture_id="journal_picture"),
    *_route("DELETE", "api/v1/analytics/pictures/<uuid:picture_id>", P.WRITE_JOURNAL, picture_id="journal_picture"),
    *_route("GET", "api/v1/analytics/performance", P.VIEW_ANALYTICS),
    *_route("GET", "api/v1/analytics/equity-curve", P.VIEW_ANALYTICS),
    *_route("GET", "api/v1/analytics/risk-metrics", P.VIEW_ANALYTICS),
    *_route("GET", "api/v1/analytics/trades", P.VIEW_ANALYTICS),
    *_route("GET", "api/v1/analytics/pnl-breakdown", P.VIEW_ANALYTICS),
    *_route("GET", "api/v1/analytics/snapshots", P.VIEW_ANALYTICS),
    *_route("GET", "analytics/statements/", P.VIEW_ANALYTICS),
    *_route("POST", "analytics/statements/", P.IMPORT_STATEMENTS),
    *_route("POST", "analytics/statements/columns/", P.IMPORT_STATEMENTS),
    *_route("GET", "analytics/statements/<uuid:statement_id>/", P.VIEW_ANALYTICS, statement_id="statement"),
    *_route(
        "POST", "analytics/statements/<uuid:statement_id>/delete/", P.IMPORT_STATEMENTS, statement_id="statement"
    ),
    *_route("GET", "api/v1/statements", P.VIEW_ANALYTICS),
    *_route("POST", "api/v1/statements", P.IMPORT_STATEMENTS),
    *_route("POST", "api/v1/statements/preview", P.IMPORT_STATEMENTS),
    *_route("GET", "api/v1/statement-formats", P.VIEW_ANALYTICS),
    *_route("GET", _STATEMENT, P.VIEW_ANALYTICS, statement_id="statement"),
    *_route("DELETE", _STATEMENT, P.IMPORT_STATEMENTS, statement_id="statement"),
    *_route("GET", f"{_STATEMENT}/rows", P.VIEW_ANALYTICS, statement_id="statement"),
    *_route("GET", f"{_STATEMENT}/differences", P.VIEW_ANALYTICS, statement_id="statement"),
]

# The body of these names the object, so that an empty one is simply "not found".
BODY_NAMES_THE_OBJECT = [
    *_route("POST", "organisation/switch/", MEMBERS),
    *_route("POST", "account/", P.VIEW_ACCOUNTS),
    *_route("POST", "strategies/runs/new/", P.RUN_STRATEGIES),
]

ROUTES = [
    *CORE,
    *ACCOUNTS,
    *MARKET,
    *ORDERS,
    *TRIGGERS,
    *PORTFOLIO,
    *WATCHLISTS,
    *RISK,
    *NOTIFICATIONS,
    *STRATEGIES,
    *BACKTESTS,
    *STRATEGY_RUNS,
    *ANALYTICS,
    *BODY_NAMES_THE_OBJECT,
]

# Management commands, which only who has a shell on the server can run: what of the tenants' rows each works on.
SEES_ALL_TENANTS, SEES_NONE, MAKES_THE_DEMO = (
    "all tenants, in the system scope",
    "no tenant's rows",
    "the demo's own",
)
COMMANDS = {
    "backfill": SEES_NONE,
    "bench": SEES_NONE,
    "broker_simulator": SEES_NONE,
    "catalogue_report": SEES_ALL_TENANTS,
    "demo": MAKES_THE_DEMO,
    "import_bhavcopy": SEES_NONE,
    "import_candles": SEES_NONE,
    "import_option_chain": SEES_NONE,
    "import_corporate_actions": SEES_NONE,
    "import_instruments": SEES_NONE,
    "load_calendar": SEES_NONE,
    "reconcile": SEES_ALL_TENANTS,
    "replay": SEES_NONE,
    "run_feed": SEES_NONE,
    "run_strategies": SEES_ALL_TENANTS,
    "seed_demo": MAKES_THE_DEMO,
    "settle_day": SEES_ALL_TENANTS,
    "simulate_history": SEES_NONE,
    "square_off": SEES_ALL_TENANTS,
    "take_snapshots": SEES_ALL_TENANTS,
    "verify_audit": SEES_ALL_TENANTS,
    "verify_ledger": SEES_ALL_TENANTS,
}
