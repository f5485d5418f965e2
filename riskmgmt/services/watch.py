"""What is looked at every second: peaks, circuit breakers, states that expire, kill switches that hold."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from core import clock
from riskmgmt.domain.breaker import BreakerState
from riskmgmt.domain.running_gates import lock_closes
from riskmgmt.models import CircuitBreaker, KillSwitch, RiskPeak
from riskmgmt.selectors.limits import order_limits
from trading.orders.models import Order
from trading.portfolio.models import LedgerBalance, Position
from trading.portfolio.selectors import MarkedPosition, marked_positions

from .breakers import breaker_step
from .kill_switch import kill_switch_enforce
from .states import states_expire

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Watched:
    """An account as it is now, in paise; results by strategy ("" is the account as a whole).

    `profit_paise` is its equity less the owner's capital.
    """

    organisation_id: UUID
    account_id: UUID
    owner_id: UUID
    profit_paise: int = 0
    results: dict[str, int] = field(default_factory=dict)
    equity_paise: int = 0
    positions: tuple[MarkedPosition, ...] = ()


def accounts_watch() -> int:
    """One look at everything; returns how many accounts were looked at. For the beat, in a system scope.

    Each part and each account stands by itself: what fails is logged and looked at again a second later.
    """
    now = clock.now()
    states_expire(now)
    for switch in KillSwitch.objects.filter(released_at=None):
        kill_switch_enforce(switch)
    accounts = watched_accounts(now)
    peaks = {
        (row.account_id, row.strategy): row
        for row in RiskPeak.objects.filter(account_id__in=[account.account_id for account in accounts])
    }
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
    return len(accounts)


def watched_accounts(now: datetime) -> list[Watched]:
    """Accounts with positions, with orders of the day, or with a breaker that is not closed."""
    start, _ = clock.ist_day_span(clock.trading_date(now))
    ids = {
        *Position.objects.filter(~Q(quantity=0) | Q(day=clock.trading_date(now))).values_list(
            "account_id", flat=True
        ),
        *Order.objects.filter(created_at__gte=start).order_by().values_list("account_id", flat=True).distinct(),
        *CircuitBreaker.objects.exclude(state=BreakerState.CLOSED).values_list("account_id", flat=True),
    }
    by_account: dict[UUID, list[MarkedPosition]] = defaultdict(list)
    for position in marked_positions(account_ids=sorted(ids)):
        by_account[position.account_id].append(position)
    balances = LedgerBalance.objects.filter(account_id__in=ids).select_related("account")
    return [_watched(balance, by_account[balance.account_id]) for balance in balances]


def _watched(balance: LedgerBalance, positions: Iterable[MarkedPosition]) -> Watched:
    listed = tuple(positions)
    cash = balance.available_paise + balance.blocked_paise + balance.margin_paise + balance.inventory_paise
    results = {"": sum(position.day_result_paise for position in listed)}
    for position in listed:
        if position.strategy:
            results[position.strategy] = results.get(position.strategy, 0) + position.day_result_paise
    equity = cash + sum(position.unrealised_paise for position in listed)
    return Watched(
        organisation_id=balance.organisation_id,
        account_id=balance.account_id,
        owner_id=balance.account.owner_id,
        profit_paise=equity + balance.capital_paise,
        results=results,
        equity_paise=equity,
        positions=listed,
    )


def _peaks_follow(account: Watched, peaks: dict[tuple[UUID, str], RiskPeak], now: datetime) -> int:
    """Raise the peaks that were passed and close the profit lock that is due; the account's drawdown of the day."""
    day, drawdown = clock.trading_date(now), 0
    for strategy, result in account.results.items():
        row = peaks.get((account.account_id, strategy))
        peak = max(row.day_peak_paise if row is not None and row.day == day else 0, result, 0)
        if strategy == "":
            drawdown = peak - result
        profit = account.profit_paise if strategy == "" else 0
        locked = day if _locks(account, strategy, row, peak, result, day) else (row.locked_on if row else None)
        top = max(row.profit_peak_paise if row is not None else profit, profit)
        before = (row.day, row.day_peak_paise, row.profit_peak_paise, row.locked_on) if row is not None else None
        if before != (day, peak, top, locked):
            RiskPeak.objects.update_or_create(
                account_id=account.account_id,
                strategy=strategy,
                defaults={
                    "organisation_id": account.organisation_id,
                    "day": day,
                    "day_peak_paise": peak,
                    "profit_peak_paise": top,
                    "locked_on": locked,
                    "updated_at": clock.wall_now(),
                },
            )
    return drawdown


def _locks(account: Watched, strategy: str, row: RiskPeak | None, peak: int, result: int, day: date) -> bool:
    if row is not None and row.locked_on == day:
        return True
    in_force = order_limits(
        organisation_id=account.organisation_id,
        account_id=account.account_id,
        user_id=account.owner_id,
        strategy=strategy,
    )
    limits = in_force.strategy if strategy else in_force.limits
    if limits.daily_profit_lock is None or limits.daily_profit_giveback is None:
        return False
    return lock_closes(
        lock=limits.daily_profit_lock,
        giveback=limits.daily_profit_giveback,
        peak_paise=peak,
        day_pnl_paise=result,
    )
