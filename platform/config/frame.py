"""The frame's data: navigation, market, account, day P&L, notifications. At most three queries a page."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.access import actor_of, caller_of
from accounts.domain.actor import Actor
from accounts.domain.caller import Caller, MembershipFacts
from accounts.domain.permissions import Permission
from core import clock
from core.errors import PermissionDenied, Unavailable
from notifications.selectors import unread_count
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.sessions import Phase
from trading.instruments.selectors import market_status
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import feed_status, quotes_latest
from trading.portfolio.active_account import active_account, visible_accounts
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import DayPnl, account_day_pnl
from trading.portfolio.selectors.history import SquareOffDue, square_off_due

INDICES = (("NSE:NIFTY", "NIFTY 50"), ("NSE:BANKNIFTY", "BANK NIFTY"), ("NSE:INDIAVIX", "INDIA VIX"))
SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One place on the rail; `views` are the prefixes of view names that light it up."""

    label: str
    icon: str
    url_name: str
    views: tuple[str, ...]
    permission: Permission | None = None
    on_phone: bool = True


# The dashboard belongs to the same app, and is the rail's first entry.
_ANALYTICS = (
    *(f"analytics:{page}" for page in ("performance", "trades", "journal", "tax", "tear", "conventions")),
    "statements:",
)
NAVIGATION = (
    NavigationItem("Dashboard", "home", "analytics:dashboard", ("analytics:dashboard",)),
    NavigationItem(
        "Market", "pulse", "market:overview", ("market:", "datahealth:"), Permission.VIEW_MARKET, on_phone=False
    ),
    NavigationItem("Watchlist", "eye", "alerts:watchlist", ("alerts:",), Permission.VIEW_MARKET),
    NavigationItem("Chart", "chart", "marketdata:chart_home", ("marketdata:",), Permission.VIEW_MARKET),
    NavigationItem("Orders", "list", "orders:list", ("orders:", "triggers:"), Permission.VIEW_ACCOUNTS),
    NavigationItem(
        "Options", "table", "options:home", ("options:", "builder:"), Permission.VIEW_MARKET, on_phone=False
    ),
    NavigationItem(
        "Strategies",
        "flow",
        "strategies:catalogue",
        ("strategies:", "runs:"),
        Permission.VIEW_STRATEGIES,
        on_phone=False,
    ),
    NavigationItem("Positions", "layers", "portfolio:positions", ("portfolio:",), Permission.VIEW_ACCOUNTS),
    NavigationItem(
        "Backtests", "flask", "backtests:list", ("backtests:",), Permission.VIEW_STRATEGIES, on_phone=False
    ),
    NavigationItem(
        "Analytics", "pie", "analytics:performance", _ANALYTICS, Permission.VIEW_ANALYTICS, on_phone=False
    ),
    NavigationItem("Risk", "shield", "riskmgmt:risk", ("riskmgmt:",), Permission.VIEW_RISK, on_phone=False),
)
SETTINGS = NavigationItem(
    "Settings", "gear", "accounts:profile", ("accounts:", "mfa_", "account_", "usersessions_")
)


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation item as the rail draws it."""

    label: str
    icon: str
    url: str
    is_current: bool
    on_phone: bool


@dataclass(frozen=True, slots=True)
class MarketState:
    """The market as the top bar says it. `label` names a market that is not the exchange's, '' otherwise."""

    phase: str
    is_open: bool
    until: datetime | None
    reason: str
    label: str
    now: datetime
    speed: float


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything the frame draws. Without an organisation only `market` and `indices` are filled."""

    market: MarketState
    indices: tuple[tuple[str, str, Quote | None], ...]
    navigation: tuple[Link, ...] = ()
    settings: Link | None = None
    organisation: MembershipFacts | None = None
    memberships: tuple[MembershipFacts, ...] = ()
    accounts: tuple[TradingAccount, ...] = ()
    account: TradingAccount | None = None
    permissions: frozenset[Permission] = frozenset()
    may_trade: bool = False
    day_pnl: DayPnl | None = None
    square_off: SquareOffDue | None = None
    unread: int = 0

    @property
    def is_on_more(self) -> bool:
        """Whether the page is one that a phone reaches through the rail's menu."""
        hidden = [link for link in self.navigation if not link.on_phone]
        return any(link.is_current for link in (*hidden, *([self.settings] if self.settings else [])))


def frame_for(request: HttpRequest) -> Frame:
    """The frame of a request; safe for anonymous ones and for users without an organisation."""
    frame = Frame(market=_market_state(), indices=_indices())
    if not request.user.is_authenticated:
        return frame
    caller = caller_of(request)
    try:
        actor = actor_of(request)
    except PermissionDenied:
        return frame
    return _members_frame(request, frame, caller, actor)


def _members_frame(request: HttpRequest, frame: Frame, caller: Caller, actor: Actor) -> Frame:
    view_name = request.resolver_match.view_name if request.resolver_match else ""
    may_view = actor.may(Permission.VIEW_ACCOUNTS)
    account = active_account(request, actor) if may_view else None
    return replace(
        frame,
        navigation=tuple(
            _link(item, view_name) for item in NAVIGATION if item.permission is None or actor.may(item.permission)
        ),
        permissions=actor.permissions,
        settings=_link(SETTINGS, view_name),
        organisation=next(one for one in caller.memberships if one.organisation_id == actor.organisation_id),
        memberships=caller.memberships,
        accounts=tuple(visible_accounts(request, actor)) if may_view else (),
        account=account,
        may_trade=actor.may(Permission.PLACE_ORDERS),
        day_pnl=account_day_pnl(account.id) if account else None,
        square_off=_square_off(account) if account else None,
        unread=unread_count(actor),
    )


def _square_off(account: TradingAccount) -> SquareOffDue | None:
    """The soonest square-off of the account's open intraday positions, once its warning has been given."""
    return next((due for due in square_off_due(account) if due.is_near), None)


def _link(item: NavigationItem, view_name: str) -> Link:
    return Link(item.label, item.icon, reverse(item.url_name), view_name.startswith(item.views), item.on_phone)


def _market_state() -> MarketState:
    replay = clock.state()
    now = clock.now()
    speed = replay.speed if replay else 1.0
    label = "REPLAY" if replay else _label_of_feed()
    try:
        session = market_status().session
    except CalendarUnknown as unknown:
        return MarketState(Phase.CLOSED, False, None, str(unknown), label, now, speed)
    is_open = session.phase == Phase.CONTINUOUS
    until = session.closes_at if is_open else session.opens_at
    return MarketState(session.phase, is_open, until, session.reason, label, now, speed)


def _label_of_feed() -> str:
    try:
        status = feed_status()
    except Unavailable:
        return ""
    is_simulated = status.source == SIMULATED if status else settings.SIMULATED_MARKET_ALWAYS_OPEN
    return "SIMULATED" if is_simulated else ""


def _indices() -> tuple[tuple[str, str, Quote | None], ...]:
    try:
        quotes = quotes_latest(key for key, _ in INDICES)
    except Unavailable:
        quotes = {}
    # A replayed day may lack an index; with no quotes at all the bar keeps its shape.
    return tuple((key, name, quotes.get(key)) for key, name in INDICES if key in quotes or not quotes)
