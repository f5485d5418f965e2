"""What is looked at every second: peaks, circuit breakers, states that expire, kill switches that hold."""

import logging
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from core import clock
from riskmgmt.domain.breaker import BreakerState
from riskmgmt.domain.limits import Limits, Reach
from riskmgmt.domain.running_gates import lock_closes
from riskmgmt.domain.scopes import Scope
from riskmgmt.models import CircuitBreaker, KillSwitch, RiskLimit, RiskPeak
from riskmgmt.selectors.accounts_now import accounts_reached
from riskmgmt.selectors.limits import order_limits, own_summed
from riskmgmt.selectors.rules import PEAK_LIMITS
from trading.orders.models import Order, OrderGroup
from trading.portfolio.models import LedgerBalance, Position
from trading.portfolio.selectors import MarkedPosition, marked_positions

from .breakers import breaker_step
from .kill_switch import kill_switch_enforce
from .states import states_expire

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Watched(ABC):
    """What limits on results hold, as it is now, in paise.

    `results` are by strategy ("" is the whole). `profit_paise` is its equity less the owners' capital.
    """

    organisation_id: UUID
    profit_paise: int = 0
    results: dict[str, int] = field(default_factory=dict)
    equity_paise: int = 0

    @abstractmethod
    def scope(self, strategy: str) -> Scope:
        """Whom a result is of."""

    @abstractmethod
    def limits(self, strategy: str) -> Limits:
        """The summed limits that hold a result by itself, those that reach further left aside."""


@dataclass(slots=True, kw_only=True)
class WatchedAccount(Watched):
    """An account with its strategies."""

    account_id: UUID
    owner_id: UUID
    positions: tuple[MarkedPosition, ...] = ()

    def scope(self, strategy: str) -> Scope:
        return Scope(self.organisation_id, self.account_id, strategy=strategy)

    def limits(self, strategy: str) -> Limits:
        in_force = order_limits(
            organisation_id=self.organisation_id,
            account_id=self.account_id,
            user_id=self.owner_id,
            strategy=strategy,
        )
        return in_force.of(Reach.RUN if strategy else Reach.ACCOUNT)


@dataclass(slots=True, kw_only=True)
class WatchedReach(Watched):
    """All that an organisation's, a user's or a strategy's limit sums over: one result, of that scope."""

    of: Scope

    def scope(self, strategy: str) -> Scope:
        return self.of

    def limits(self, strategy: str) -> Limits:
        return own_summed(self.of)


def accounts_watch() -> int:
    """One look at everything; returns how many accounts were looked at. For the beat, in a system scope.

    Each part and each account stands by itself: what fails is logged and looked at again a second later.
    """
    now = clock.now()
    states_expire(now)
    for switch in KillSwitch.objects.filter(released_at=None):
        kill_switch_enforce(switch)
    accounts = watched_accounts(now)
    peaks = peaks_of(accounts)
    for account in accounts:
        try:
            drawdown = _peaks_follow(account, peaks, now)
            breaker_step(
                organisation_id=account.organisation_id,
                account_id=account.account_id,
                day_pnl_paise=account.results[""],
                drawdown_paise=drawdown,
            )
        except Exception:
            # One account's trouble must not keep the others from being watched.
            logger.exception("an account could not be watched", extra={"account": str(account.account_id)})
    wide = watched_widely(PEAK_LIMITS)
    peaks = peaks_of(wide)
    for each in wide:
        try:
            _peaks_follow(each, peaks, now)
        except Exception:
            # Nor must an organisation's.
            logger.exception("a limit could not be watched", extra={"organisation": str(each.organisation_id)})
    return len(accounts)


def peaks_of(watched: Iterable[Watched]) -> dict[Scope, RiskPeak]:
    """The peaks of accounts with their strategies, and of whatever else limits sum over."""
    scopes = [each.scope("") for each in watched]
    accounts = [scope.account_id for scope in scopes if scope.account_id is not None]
    organisations = {scope.organisation_id for scope in scopes if scope.account_id is None}
    rows = RiskPeak.objects.filter(Q(account_id__in=accounts) | Q(account=None, organisation_id__in=organisations))
    return {row.scope: row for row in rows}


def watched_widely(limits: Iterable[str]) -> list[WatchedReach]:
    """All that is reached by organisations', users' and strategies' own settings of one of these limits."""
    is_set = Q()
    for name in limits:
        is_set |= Q(**{f"{name}__isnull": False})
    return [_watched_widely(row.scope) for row in RiskLimit.objects.filter(is_set, account=None).order_by("id")]


def _watched_widely(scope: Scope) -> WatchedReach:
    accounts = accounts_reached(scope)
    equity = sum(account.equity_paise for account in accounts)
    return WatchedReach(
        organisation_id=scope.organisation_id,
        of=scope,
        profit_paise=equity - sum(account.capital_paise for account in accounts),
        results={scope.strategy: sum(account.day_pnl_paise for account in accounts)},
        equity_paise=equity,
    )


def watched_accounts(now: datetime) -> list[WatchedAccount]:
    """Accounts with positions, with orders of the day, or with a breaker that is not closed."""
    start, _ = clock.ist_day_span(clock.trading_date(now))
    ids = {
        *Position.objects.filter(~Q(quantity=0) | Q(day=clock.trading_date(now))).values_list(
            "account_id", flat=True
        ),
        *Order.objects.filter(created_at__gte=start).order_by().values_list("account_id", flat=True).distinct(),
        # A group that was taken back whole has left no orders.
        *OrderGroup.objects.filter(created_at__gte=start)
        .order_by()
        .values_list("account_id", flat=True)
        .distinct(),
        *CircuitBreaker.objects.exclude(state=BreakerState.CLOSED).values_list("account_id", flat=True),
    }
    by_account: dict[UUID, list[MarkedPosition]] = defaultdict(list)
    for position in marked_positions(account_ids=sorted(ids)):
        by_account[position.account_id].append(position)
    balances = LedgerBalance.objects.filter(account_id__in=ids).select_related("account")
    return [_watched(balance, by_account[balance.account_id]) for balance in balances]


def _watched(balance: LedgerBalance, positions: Iterable[MarkedPosition]) -> WatchedAccount:
    listed = tuple(positions)
    cash = balance.available_paise + balance.blocked_paise + balance.margin_paise + balance.inventory_paise
    results = {"": sum(position.day_result_paise for position in listed)}
    for position in listed:
        if position.strategy:
            results[position.strategy] = results.get(position.strategy, 0) + position.day_result_paise
    equity = cash + sum(position.unrealised_paise for position in listed)
    return WatchedAccount(
        organisation_id=balance.organisation_id,
        account_id=balance.account_id,
        owner_id=balance.account.owner_id,
        profit_paise=equity + balance.capital_paise,
        results=results,
        equity_paise=equity,
        positions=listed,
    )


def _peaks_follow(watched: Watched, peaks: Mapping[Scope, RiskPeak], now: datetime) -> int:
    """Raise the peaks that were passed and close the profit lock that is due; the whole's drawdown of the day."""
    day, drawdown = clock.trading_date(now), 0
    for strategy, result in watched.results.items():
        scope = watched.scope(strategy)
        row = peaks.get(scope)
        peak = max(row.day_peak_paise if row is not None and row.day == day else 0, result, 0)
        if strategy == "":
            drawdown = peak - result
        profit = watched.profit_paise if strategy == "" else 0
        locked = day if _locks(watched, strategy, row, peak, result, day) else (row.locked_on if row else None)
        top = max(row.profit_peak_paise if row is not None else profit, profit)
        before = (row.day, row.day_peak_paise, row.profit_peak_paise, row.locked_on) if row is not None else None
        if before != (day, peak, top, locked):
            RiskPeak.objects.update_or_create(
                **scope.columns,
                defaults={
                    "day": day,
                    "day_peak_paise": peak,
                    "profit_peak_paise": top,
                    "locked_on": locked,
                    "updated_at": clock.wall_now(),
                },
            )
    return drawdown


def _locks(watched: Watched, strategy: str, row: RiskPeak | None, peak: int, result: int, day: date) -> bool:
    if row is not None and row.locked_on == day:
        return True
    limits = watched.limits(strategy)
    if limits.daily_profit_lock is None or limits.daily_profit_giveback is None:
        return False
    return lock_closes(
        lock=limits.daily_profit_lock,
        giveback=limits.daily_profit_giveback,
        peak_paise=peak,
        day_pnl_paise=result,
    )
