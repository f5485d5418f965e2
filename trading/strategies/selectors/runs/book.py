"""A run's own rows among those of its account: its orders and its positions carry its name."""

from django.db.models import QuerySet

from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.portfolio.models import Position
from trading.strategies.models import StrategyRun


def orders_of(run: StrategyRun) -> QuerySet[Order]:
    """All orders of the run."""
    orders: QuerySet[Order] = Order.objects.filter(account_id=run.account_id, strategy=run.name)
    return orders


def working_of(run: StrategyRun) -> QuerySet[Order]:
    """Its orders that may still trade."""
    return orders_of(run).filter(status__in=sorted(LIVE))


def positions_of(run: StrategyRun) -> QuerySet[Position]:
    """All positions of the run, flat ones too."""
    positions: QuerySet[Position] = Position.objects.filter(account_id=run.account_id, strategy=run.name)
    return positions


def held_of(run: StrategyRun) -> QuerySet[Position]:
    """Its positions that are open."""
    return positions_of(run).exclude(quantity=0)
