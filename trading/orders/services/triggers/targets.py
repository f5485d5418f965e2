"""The target of a bracket, which stands in the market from its first fill."""

from trading.brokers.domain.terms import OrderType
from trading.orders.domain.triggers.states import LegRole, LegStatus
from trading.orders.models import Trigger, TriggerEventType, TriggerLeg
from trading.portfolio.models import TradingAccount

from .change import TriggerChange
from .exits import exit_place, live_exits, pending, whole_lots


def targets_place(book: TriggerChange, account: TradingAccount) -> None:
    """Let the target of a bracket stand in the market for all that has come in and not left.

    Each fill of the entry adds an order of its own, so that those before keep their place in the queue.
    """
    leg = book.legs.get(LegRole.TARGET)
    stop = book.legs.get(LegRole.STOP)
    if leg is None or leg.status not in (LegStatus.ARMED, LegStatus.FIRED) or not _rests(book.trigger, leg):
        return
    if stop is not None and stop.status in (LegStatus.FIRED, LegStatus.REFUSED):
        return
    quantity = whole_lots(book.trigger, book.trigger.remaining_quantity - pending(live_exits(book.trigger)))
    if quantity > 0:
        exit_place(book, leg, account=account, quantity=quantity, event_type=TriggerEventType.TARGET_PLACED)


def _rests(trigger: Trigger, leg: TriggerLeg) -> bool:
    return trigger.entry_quantity > 0 and leg.role == LegRole.TARGET and leg.order_type == OrderType.LIMIT
