"""What a run's own rules say to what its strategy wants: its state, schedule, limits and capital, from the rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core import clock
from core.money import format_inr
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.orders.domain.states import FINAL, OrderStatus
from trading.portfolio.selectors import position_quantity
from trading.strategies.domain.runs.limits import Refusal, RunFigures, order_refusal, reduces
from trading.strategies.domain.runs.signals import UNSETTLED, SignalState
from trading.strategies.domain.runs.states import RunState
from trading.strategies.domain.runs.wanted import Wanted
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.selectors.runs.book import held_of
from trading.strategies.selectors.runs.capital import capital_needed, capital_used
from trading.strategies.selectors.runs.hours import is_in_schedule

# Of the signals that wait for a person only those that were answered count when another is answered.
ANSWERED = frozenset({SignalState.READY})


@dataclass(frozen=True, slots=True)
class Profit:
    """What the process that drives a run makes of it at this moment: profit after charges, in rupees."""

    net: Decimal
    net_day: Decimal


def refusal_of(
    run: StrategyRun,
    wanted: Sequence[Wanted],
    instruments: Mapping[str, Instrument],
    *,
    at: datetime,
    profit: Profit | None = None,
    counted: Collection[SignalState] = UNSETTLED,
) -> Refusal | None:
    """Why the run sends none of this. What only reduces a position is held back by nothing but a pause.

    The caller has locked the run's row. `counted` are the states in which signals without an order count towards
    the run's limits.
    """
    if run.state != RunState.RUNNING:
        return Refusal(f"run_{run.state.lower()}", f"The run is {run.state.lower()}; it sends nothing.")
    figures = _figures(run, profit, at, counted)
    needed = Decimal(0)
    taken = _taken(run, counted)
    for each in wanted:
        wish = each.wish
        instrument_id = instruments[wish.symbol].pk
        figures = replace(figures, open_positions=len(taken - {instrument_id}))
        taken.add(instrument_id)
        held = position_quantity(
            account_id=run.account_id,
            instrument_id=instrument_id,
            product=wish.product,
            strategy=run.name,
        )
        change = Side(wish.side).sign * wish.quantity
        if not reduces(held, change) and not is_in_schedule(run, at):
            return Refusal("outside_schedule", "The run is outside of its schedule.")
        refusal = order_refusal(run.limits, figures, orders=len(wanted), held=held, change=change)
        if refusal is not None:
            return refusal
        if not reduces(held, change):
            needed += capital_needed(run, wish, instruments[wish.symbol], held=held, price=each.decision_price)
    return _beyond_capital(run, needed, figures, is_combined=len(wanted) > 1)


def _beyond_capital(run: StrategyRun, needed: Decimal, figures: RunFigures, *, is_combined: bool) -> Refusal | None:
    """Legs that hedge each other need less together than one by one: there the account's margin decides."""
    if is_combined or not needed:
        return None
    left = run.capital + figures.net - capital_used(run)
    if needed <= left:
        return None
    message = f"It needs {format_inr(needed)}; the run has {format_inr(left)} left of its capital."
    return Refusal("capital_exceeded", message)


def _taken(run: StrategyRun, counted: Collection[SignalState]) -> set[int]:
    """Instruments that the run holds or has something under way for; looked up only where their number is limited.

    From the rows: what was noted of the run is of its last turn, and one turn may enter a hundred instruments.
    """
    if run.max_open_positions is None:
        return set()
    mine = Signal.objects.filter(run_id=run.id)
    under_way = mine.filter(state__in=counted) | mine.filter(
        state=SignalState.ORDERED, order__status__in=[each for each in OrderStatus if each not in FINAL]
    )
    return {
        *held_of(run).values_list("instrument_id", flat=True),
        *under_way.values_list("instrument_id", flat=True),
    }


def _figures(run: StrategyRun, profit: Profit | None, at: datetime, counted: Collection[SignalState]) -> RunFigures:
    seen = profit or Profit(Decimal(run.net_paise) / 100, Decimal(run.net_day_paise) / 100)
    start, end = clock.ist_day_span(clock.trading_date(at))
    orders = 0
    if run.max_orders_day is not None:
        sent = Signal.objects.filter(run_id=run.id, decided_at__gte=start, decided_at__lt=end)
        orders = sent.filter(state__in=[SignalState.ORDERED, *counted]).count()
    return RunFigures(net=seen.net, net_day=seen.net_day, orders_today=orders)
