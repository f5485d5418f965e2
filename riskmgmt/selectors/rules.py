"""Everything that an order is held against: one statement, two where a limit counts orders or peaks.

Only a limit that reaches beyond the account (of the organisation, a user or a strategy everywhere) costs more: what
the other accounts hold is read, under a lock on the limit's own row (`limits_hold`).
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, IntegerField, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core import clock
from riskmgmt.domain.limits import Held, Limits, LimitsInForce, Reach
from riskmgmt.domain.reach import Track
from riskmgmt.domain.rules import Rules
from riskmgmt.models import RiskPeak
from trading.orders.domain.gate import OrderContext
from trading.orders.domain.states import LIVE, OrderStatus
from trading.orders.models import Order
from trading.portfolio.models import TradingAccount

from .accounts_now import elsewhere
from .breakers import breaker_parameters
from .limits import order_limits
from .sectors import sectors
from .states import trading_state

PEAK_LIMITS = (
    "daily_profit_lock",
    "max_day_drawdown",
    "max_equity_drawdown_percent",
)

_PEAK_COLUMNS = {
    "day_of_peak": "day",
    "day_peak_paise": "day_peak_paise",
    "profit_peak_paise": "profit_peak_paise",
    "locked_on": "locked_on",
}


def limits_of(context: OrderContext) -> LimitsInForce:
    """The limits of an order, remembered for a moment."""
    return order_limits(
        organisation_id=context.organisation_id,
        account_id=context.account_id,
        user_id=context.user_id,
        owner_id=context.owner_id,
        strategy=context.intent.strategy,
    )


def rules_for(context: OrderContext) -> Rules:
    """The limits (remembered), the trading state (read), and counts, peaks and other accounts where limits ask."""
    in_force = limits_of(context)
    held = [each for each in in_force.held if not (each.reach.is_wide and context.reduces_position)]
    parameters = breaker_parameters(organisation_id=context.organisation_id, account_id=context.account_id)
    strategy = context.intent.strategy
    standing = trading_state(context.account_id, strategy, context.now, organisation_id=context.organisation_id)
    needs_sectors = any(each.limits.max_sector_percent is not None for each in held)
    return Rules(
        in_force=in_force,
        standing=standing,
        tracks=_tracks(context, held, needs_peak=parameters.max_drawdown is not None),
        elsewhere=elsewhere(context, [each for each in held if each.reach.is_wide]),
        sectors=sectors(clock.trading_date(context.now)) if needs_sectors else {},
        breaker=parameters,
    )


def _tracks(context: OrderContext, held: list[Held], *, needs_peak: bool) -> dict[Reach, Track]:
    """Counts and peaks of each reach, in one statement or none."""
    wanted: dict[str, Any] = {}
    for each in held:
        name = each.reach.value.lower()
        wanted.update({f"{name}_{what}": value for what, value in _counts(context, each).items()})
        peaked = any(getattr(each.limits, limit) is not None for limit in PEAK_LIMITS)
        if peaked or (needs_peak and each.reach is Reach.ACCOUNT):
            peaks = RiskPeak.objects.filter(_peak_of(each.reach, context))
            for alias, column in _PEAK_COLUMNS.items():
                wanted[f"{name}_{alias}"] = Subquery(peaks.values(column)[:1])
    if not wanted:
        return {}
    row = TradingAccount.objects.filter(id=context.account_id).values(**wanted).get()
    return {each.reach: _track(row, each.reach.value.lower(), context) for each in held}


def _counts(context: OrderContext, held: Held) -> dict[str, Any]:
    limits: Limits = held.limits
    if limits.max_orders_per_minute is limits.max_orders_per_day is limits.max_open_orders is None:
        return {}
    orders = Order.objects.filter(_orders_of(held.reach, context))
    placed, found = orders.exclude(status=OrderStatus.REJECTED), {}
    if limits.max_orders_per_minute is not None:
        found["minute"] = _count(placed.filter(created_at__gt=context.now - timedelta(minutes=1)))
    if limits.max_orders_per_day is not None:
        start, _ = clock.ist_day_span(clock.trading_date(context.now))
        found["day"] = _count(placed.filter(created_at__gte=start))
    if limits.max_open_orders is not None and held.reach.is_wide:
        found["open"] = _count(orders.filter(status__in=sorted(LIVE)).exclude(id=context.order_id))
    return found


def _orders_of(reach: Reach, context: OrderContext) -> Q:
    if not reach.is_wide:
        return Q(account_id=context.account_id) & _of_strategy(reach, context)
    everywhere = Q(organisation_id=context.organisation_id) & _of_strategy(reach, context)
    return everywhere & Q(placed_by_user=context.user_id) if reach is Reach.PLACER else everywhere


def _peak_of(reach: Reach, context: OrderContext) -> Q:
    strategy = context.intent.strategy if reach in (Reach.STRATEGY, Reach.RUN) else ""
    account_id = None if reach.is_wide else context.account_id
    user_id = context.owner_id if reach is Reach.OWNER else None
    return Q(organisation_id=context.organisation_id, account=account_id, user=user_id, strategy=strategy)


def _of_strategy(reach: Reach, context: OrderContext) -> Q:
    return Q(strategy=context.intent.strategy) if reach in (Reach.STRATEGY, Reach.RUN) else Q()


def _count(orders: QuerySet[Order]) -> Coalesce:
    counted = orders.order_by().values("organisation_id").annotate(found=Count("id")).values("found")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _track(row: dict[str, Any], prefix: str, context: OrderContext) -> Track:
    day = clock.trading_date(context.now)
    today = row.get(f"{prefix}_day_peak_paise") or 0 if row.get(f"{prefix}_day_of_peak") == day else 0
    return Track(
        orders_minute=row.get(f"{prefix}_minute", 0),
        orders_day=row.get(f"{prefix}_day", 0),
        open_orders=row.get(f"{prefix}_open", 0),
        day_peak_paise=today,
        profit_peak_paise=row.get(f"{prefix}_profit_peak_paise") or 0,
        is_locked=row.get(f"{prefix}_locked_on") == day,
    )
