"""Everything that an order is held against: at most two statements, one where no limit counts orders or peaks."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core import clock
from riskmgmt.domain.limits import Limits
from riskmgmt.domain.rules import Rules, Track
from riskmgmt.models import RiskPeak
from trading.orders.domain.gate import OrderContext
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Order
from trading.portfolio.models import TradingAccount

from .breakers import breaker_parameters
from .limits import order_limits
from .sectors import sectors
from .states import trading_state

_PEAKS = (
    "daily_profit_lock",
    "max_day_drawdown",
    "max_equity_drawdown_percent",
)

# The clock's own resolution.
_INSTANT = timedelta(microseconds=1)

_PEAK_COLUMNS = {
    "day_of_peak": "day",
    "day_peak_paise": "day_peak_paise",
    "profit_peak_paise": "profit_peak_paise",
    "locked_on": "locked_on",
}


def rules_for(context: OrderContext) -> Rules:
    """The limits (remembered), the trading state (read), and counts and peaks (read where limits ask)."""
    strategy = context.intent.strategy
    in_force = order_limits(
        organisation_id=context.organisation_id,
        account_id=context.account_id,
        user_id=context.user_id,
        strategy=strategy,
    )
    parameters = breaker_parameters(organisation_id=context.organisation_id, account_id=context.account_id)
    standing = trading_state(context.account_id, strategy, context.now, organisation_id=context.organisation_id)
    account, own = _tracks(
        context,
        in_force.limits,
        in_force.strategy if strategy else Limits(),
        needs_peak=parameters.max_drawdown is not None,
    )
    needs_sectors = (in_force.limits.max_sector_percent, in_force.strategy.max_sector_percent) != (None, None)
    return Rules(
        in_force=in_force,
        standing=standing,
        account=account,
        strategy=own,
        sectors=sectors(clock.trading_date(context.now)) if needs_sectors else {},
        breaker=parameters,
    )


def _tracks(context: OrderContext, limits: Limits, strategy: Limits, *, needs_peak: bool) -> tuple[Track, Track]:
    """Counts and peaks of the account and of the order's strategy, in one statement or none."""
    wanted: dict[str, Any] = {}
    for prefix, name, held in (("a", None, limits), ("s", context.intent.strategy, strategy)):
        if held.max_orders_per_minute is not None:
            wanted[f"{prefix}_minute"] = _count(name, context.now - timedelta(minutes=1))
        if held.max_orders_per_day is not None:
            start, _ = clock.ist_day_span(clock.trading_date(context.now))
            wanted[f"{prefix}_day"] = _count(name, start - _INSTANT)
        if any(getattr(held, limit) is not None for limit in _PEAKS) or (needs_peak and name is None):
            peaks = RiskPeak.objects.filter(account_id=OuterRef("pk"), strategy=name or "")
            for alias, column in _PEAK_COLUMNS.items():
                wanted[f"{prefix}_{alias}"] = Subquery(peaks.values(column)[:1])
    if not wanted:
        return Track(), Track()
    row = TradingAccount.objects.filter(id=context.account_id).values(**wanted).get()
    return _track(row, "a", context), _track(row, "s", context)


def _count(strategy: str | None, after: datetime) -> Coalesce:
    """How many orders that were not refused the account (in it the strategy) has placed after a moment."""
    orders = Order.objects.filter(account_id=OuterRef("pk"), created_at__gt=after).exclude(
        status=OrderStatus.REJECTED
    )
    if strategy is not None:
        orders = orders.filter(strategy=strategy)
    counted = orders.order_by().values("account_id").annotate(found=Count("id")).values("found")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _track(row: dict[str, Any], prefix: str, context: OrderContext) -> Track:
    day = clock.trading_date(context.now)
    today = row.get(f"{prefix}_day_peak_paise") or 0 if row.get(f"{prefix}_day_of_peak") == day else 0
    return Track(
        orders_minute=row.get(f"{prefix}_minute", 0),
        orders_day=row.get(f"{prefix}_day", 0),
        day_peak_paise=today,
        profit_peak_paise=row.get(f"{prefix}_profit_peak_paise") or 0,
        is_locked=row.get(f"{prefix}_locked_on") == day,
    )
