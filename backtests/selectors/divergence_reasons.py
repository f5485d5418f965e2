"""Why a trade of a run differs from the backtest's, from what the run has recorded of its signals and orders."""

from collections.abc import Sequence
from uuid import UUID

from core.money import format_inr
from trading.orders.models import Order
from trading.strategies.domain.divergence import DEFAULT_TOLERANCE, Compared, Traded, Verdict
from trading.strategies.domain.runs.signals import SignalState
from trading.strategies.models import Signal, StrategyRun


def reasons_for(run: StrategyRun, trades: Sequence[Compared]) -> list[str]:
    """A line for each trade, in order; empty for one that is the same. Two queries, however many there are."""
    if all(each.verdict is Verdict.SAME for each in trades):
        return ["" for _ in trades]
    orders = _orders(run, trades)
    signals = _unfilled_signals(run, trades)
    return [_reason(each, orders, signals) for each in trades]


def _orders(run: StrategyRun, trades: Sequence[Compared]) -> dict[str, Order]:
    wanted = [UUID(each.run.order) for each in trades if each.run is not None]
    found = Order.objects.filter(id__in=wanted, account_id=run.account_id).select_related("signal")
    return {str(order.id): order for order in found}


def _unfilled_signals(run: StrategyRun, trades: Sequence[Compared]) -> list[Signal]:
    """Signals around the trades that the run missed, of which nothing was traded."""
    missed = [each.at for each in trades if each.verdict is Verdict.MISSED]
    if not missed:
        return []
    around = Signal.objects.filter(
        run_id=run.id,
        decided_at__gte=min(missed) - DEFAULT_TOLERANCE,
        decided_at__lte=max(missed) + DEFAULT_TOLERANCE,
    )
    found = around.exclude(order__filled_quantity__gt=0).select_related("instrument", "order")
    return list(found.order_by("decided_at"))


def _reason(each: Compared, orders: dict[str, Order], signals: Sequence[Signal]) -> str:
    if each.verdict is Verdict.MISSED and each.backtest is not None:
        return _missed(each.backtest, signals)
    order = None if each.run is None else orders.get(each.run.order)
    if order is None or each.verdict is Verdict.SAME:
        return ""
    signal: Signal | None = getattr(order, "signal", None)
    if each.verdict is Verdict.QUANTITY:
        if order.pending_quantity:
            return f"Filled {order.filled_quantity} of {order.quantity}."
        return "The run's capital or position was another by then."
    if each.verdict is Verdict.EXTRA:
        if signal is None:
            return f"Not the strategy's own: an order of origin {order.origin.lower()}."
        return f"Signal #{signal.seq}; the backtest had none then."
    if signal is not None and signal.decision_price is not None:
        return f"Decided at {format_inr(signal.decision_price)}{_approved(signal)}."
    return "Filled at another moment of the bar."


def _approved(signal: Signal) -> str:
    if signal.answered_at is None:
        return ""
    return f", approved {(signal.answered_at - signal.decided_at).total_seconds():.0f} s later"


def _missed(traded: Traded, signals: Sequence[Signal]) -> str:
    for signal in signals:
        is_it = (signal.instrument.key, signal.side) == (traded.symbol, traded.side)
        if is_it and abs(signal.decided_at - traded.at) <= DEFAULT_TOLERANCE:
            return _unfilled(signal)
    return "The run wanted nothing then."


def _unfilled(signal: Signal) -> str:
    if signal.order is not None and signal.state == SignalState.ORDERED:
        return f"Signal #{signal.seq}: its order was {signal.order.status.lower().replace('_', ' ')}."
    why = f": {signal.reason}" if signal.reason else ""
    return f"Signal #{signal.seq} was {signal.state.lower()}{why}"
