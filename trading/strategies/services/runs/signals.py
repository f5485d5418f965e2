"""Signals: written before anything is sent, judged by the run's own rules, approved or declined by people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict
from core.ids import new_id
from core.money import format_inr
from notifications.models import NotificationKind
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.orders.domain.states import FINAL, OrderStatus
from trading.portfolio.models import Position
from trading.portfolio.selectors import position_quantity
from trading.strategies.domain.runs.limits import Refusal, RunFigures, order_refusal, reduces
from trading.strategies.domain.runs.signals import UNSETTLED, SignalState, move
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.domain.runs.wanted import Wanted
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.selectors.runs.capital import capital_needed, capital_used
from trading.strategies.selectors.runs.hours import is_in_schedule
from trading.strategies.selectors.runs.rows import signal_get
from trading.strategies.services.runs.notices import owner_notify
from trading.strategies.services.runs.rows import run_lock, run_lock_for
from trading.strategies.services.runs.sending import batch_of, signals_send


@dataclass(frozen=True, slots=True)
class Profit:
    """What the process that drives a run makes of it at this moment: profit after charges, in rupees."""

    net: Decimal
    net_day: Decimal


def signals_record(
    *, run_id: UUID, epoch: int, wanted: Sequence[Wanted], profit: Profit | None = None
) -> list[Signal]:
    """Write down what the strategy wants, in its order; several stand or fall together.

    For the runner, in a system scope. What is known by its key already is returned as it stands. Each is READY to
    be sent, WAITING for a person, or REFUSED by the run's own rules, and then nothing of the batch is sent. Raises
    `LeaseLost`, and NotFound for an unknown instrument.
    """
    instruments = {each.wish.symbol: instrument_get(each.wish.symbol) for each in wanted}
    with transaction.atomic():
        run = run_lock(run_id, epoch=epoch)
        known = {
            signal.key: signal
            for signal in Signal.objects.filter(
                run_id=run_id, key__in=[each.key for each in wanted]
            ).select_related("run", "instrument", "order")
        }
        new = [each for each in wanted if each.key not in known]
        if new:
            rows = _new_rows(run, new, instruments, profit, has_company=len(wanted) > 1)
            known |= {row.key: row for row in rows}
        return [known[each.key] for each in wanted]


def _new_rows(
    run: StrategyRun,
    wanted: Sequence[Wanted],
    instruments: dict[str, Instrument],
    profit: Profit | None,
    *,
    has_company: bool,
) -> list[Signal]:
    at = clock.now()
    refusal = _refusal(run, wanted, instruments, profit, at)
    state = _state(run, refusal)
    batch = new_id() if has_company else None
    rows = [
        _row(run, each, instruments[each.wish.symbol], seq=seq, at=at, batch=batch)
        for seq, each in enumerate(wanted, start=run.signal_seq + 1)
    ]
    for row in rows:
        row.state = state
        if refusal is not None:
            row.code, row.reason = refusal.code, refusal.message[:255]
    Signal.objects.bulk_create(rows)
    run.signal_seq += len(rows)
    run.save(update_fields=["signal_seq"])
    if state is SignalState.WAITING:
        _ask(run, rows)
    return rows


def _state(run: StrategyRun, refusal: Refusal | None) -> SignalState:
    if refusal is not None:
        return SignalState.REFUSED
    return SignalState.WAITING if run.mode == Mode.APPROVE else SignalState.READY


def _refusal(
    run: StrategyRun,
    wanted: Sequence[Wanted],
    instruments: dict[str, Instrument],
    profit: Profit | None,
    at: datetime,
) -> Refusal | None:
    """Why the run sends none of this. What only reduces a position is held back by nothing but a pause."""
    if run.state != RunState.RUNNING:
        return Refusal(f"run_{run.state.lower()}", f"The run is {run.state.lower()}; it sends nothing.")
    figures = _figures(run, profit, at)
    needed = Decimal(0)
    taken = _taken(run)
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


def _taken(run: StrategyRun) -> set[int]:
    """Instruments that the run holds or has something under way for; looked up only where their number is limited.

    From the rows: what was noted of the run is of its last turn, and one turn may enter a hundred instruments.
    """
    if run.max_open_positions is None:
        return set()
    held = Position.objects.filter(account_id=run.account_id, strategy=run.name).exclude(quantity=0)
    mine = Signal.objects.filter(run_id=run.id)
    under_way = mine.filter(state__in=UNSETTLED) | mine.filter(
        state=SignalState.ORDERED, order__status__in=[each for each in OrderStatus if each not in FINAL]
    )
    return {*held.values_list("instrument_id", flat=True), *under_way.values_list("instrument_id", flat=True)}


def _figures(run: StrategyRun, profit: Profit | None, at: datetime) -> RunFigures:
    seen = profit or Profit(Decimal(run.net_paise) / 100, Decimal(run.net_day_paise) / 100)
    start, end = clock.ist_day_span(clock.trading_date(at))
    orders = 0
    if run.max_orders_day is not None:
        sent = Signal.objects.filter(run_id=run.id, decided_at__gte=start, decided_at__lt=end)
        orders = sent.filter(state__in=[SignalState.ORDERED, *UNSETTLED]).count()
    return RunFigures(net=seen.net, net_day=seen.net_day, orders_today=orders)


def _row(
    run: StrategyRun, wanted: Wanted, instrument: Instrument, *, seq: int, at: datetime, batch: UUID | None
) -> Signal:
    wish = wanted.wish
    return Signal(
        id=new_id(),
        organisation_id=run.organisation_id,
        account_id=run.account_id,
        run=run,
        seq=seq,
        key=wanted.key,
        batch=batch,
        instrument=instrument,
        side=wish.side,
        quantity=wish.quantity,
        order_type=wish.order_type,
        product=wish.product,
        validity=wish.validity,
        price=wish.price,
        trigger_price=wish.trigger_price,
        is_bracket=wanted.is_bracket,
        stop=wanted.stop,
        target=wanted.target,
        trail=wanted.trail,
        tag=wish.tag[:64],
        decision_price=wanted.decision_price,
        decided_at=at,
        expires_at=at + timedelta(seconds=run.signal_seconds),
    )


def _ask(run: StrategyRun, rows: Sequence[Signal]) -> None:
    first = rows[0]
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    owner_notify(
        run,
        NotificationKind.ALERT,
        title=f"Approve? {first.side} {first.quantity} {first.instrument.key}{more}",
        body=f"{run.name} waits for an answer until {first.expires_at.astimezone(clock.IST):%H:%M:%S}.",
    )


def signal_approve(*, actor: Actor, signal_id: UUID) -> Signal:
    """Let a signal, and the legs that stand or fall with it, be sent in the actor's name.

    Needs RUN_STRATEGIES and PLACE_ORDERS. What becomes of it is in the answer: ORDERED, or REFUSED with the reason
    of whoever refused. Raises Conflict: `signal_expired` and the like for one that was answered, `run_paused` and
    the like for a run that is not running.
    """
    actor.require(Permission.RUN_STRATEGIES)
    actor.require(Permission.PLACE_ORDERS)
    with transaction.atomic():
        run, batch = _answered(actor, signal_id)
        if run.state != RunState.RUNNING:
            raise Conflict(f"The run is {run.state.lower()}; it sends nothing.", code=f"run_{run.state.lower()}")
        _settle(batch, SignalState.READY, actor)
        _audit(actor, batch, "approved")
    signals_send(run_id=run.id, batch=batch, actor=actor)
    return signal_get(actor, signal_id)


def signal_decline(*, actor: Actor, signal_id: UUID) -> Signal:
    """Turn a signal down, with the legs that stand or fall with it. Needs RUN_STRATEGIES.

    Raises Conflict (`signal_expired`, …) for one that was answered or has expired.
    """
    actor.require(Permission.RUN_STRATEGIES)
    with transaction.atomic():
        _, batch = _answered(actor, signal_id)
        _settle(batch, SignalState.DECLINED, actor)
        _audit(actor, batch, "declined")
    return signal_get(actor, signal_id)


def _answered(actor: Actor, signal_id: UUID) -> tuple[StrategyRun, list[Signal]]:
    """The run's row, locked, and the waiting signals that an answer to one of them answers."""
    run = run_lock_for(actor, signal_get(actor, signal_id).run_id)
    signal = signal_get(actor, signal_id)
    if signal.state == SignalState.WAITING and signal.expires_at <= clock.now():
        raise Conflict("Its time is over.", code="signal_expired")
    if signal.state != SignalState.WAITING:
        raise Conflict(f"The signal is {signal.state.lower()} already.", code=f"signal_{signal.state.lower()}")
    return run, batch_of(signal)


def _settle(batch: Sequence[Signal], state: SignalState, actor: Actor) -> None:
    at = clock.now()
    for signal in batch:
        signal.state = move(SignalState(signal.state), state)
        signal.answered_by, signal.answered_at = actor.label, at
        signal.save(update_fields=["state", "answered_by", "answered_at"])


def _audit(actor: Actor, batch: Sequence[Signal], what: str) -> None:
    """Last in a transaction: it locks the head of the chain."""
    audit_record(
        actor=actor,
        action=f"signal.{what}",
        object_type="signal",
        object_id=batch[0].id,
        data={"run": str(batch[0].run_id), "signals": [each.seq for each in batch]},
    )


def signals_expire(*, run_id: UUID, epoch: int) -> list[Signal]:
    """End the signals that nobody answered in time. For the runner, in a system scope."""
    at = clock.now()
    with transaction.atomic():
        run_lock(run_id, epoch=epoch)
        late = list(
            Signal.objects.filter(run_id=run_id, state=SignalState.WAITING, expires_at__lte=at)
            .select_related("run", "instrument", "order")
            .order_by("seq")
        )
        for signal in late:
            signal.state = move(SignalState(signal.state), SignalState.EXPIRED)
            signal.code, signal.reason, signal.answered_at = "not_answered", "Nobody answered in time.", at
            signal.save(update_fields=["state", "code", "reason", "answered_at"])
    return late


def signal_withdraw(*, signal_id: UUID, run_id: UUID, epoch: int) -> Signal:
    """The strategy takes back what it wanted before anybody answered; of what was answered nothing changes."""
    with transaction.atomic():
        run_lock(run_id, epoch=epoch)
        signal: Signal = Signal.objects.select_related("run", "instrument", "order").get(id=signal_id)
        if signal.state == SignalState.WAITING:
            signal.state = move(SignalState.WAITING, SignalState.WITHDRAWN)
            signal.code, signal.reason = "withdrawn", "The strategy took it back."
            signal.answered_at = clock.now()
            signal.save(update_fields=["state", "code", "reason", "answered_at"])
    return signal
