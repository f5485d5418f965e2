"""Signals: written before anything is sent, judged by the run's own rules, approved or declined by people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict
from core.ids import new_id
from notifications.models import NotificationKind
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.selectors import quote_latest
from trading.strategies.domain.runs.limits import Refusal, approval_band
from trading.strategies.domain.runs.signals import SignalState, move
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.domain.runs.wanted import Wanted
from trading.strategies.domain.wish import OrderWish
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.selectors.runs.rows import signal_get
from trading.strategies.services.runs.judging import ANSWERED, Profit, refusal_of
from trading.strategies.services.runs.notices import owner_notify
from trading.strategies.services.runs.rows import run_lock, run_lock_for
from trading.strategies.services.runs.sending import batch_of, signals_send


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
    refusal = refusal_of(run, wanted, instruments, at=at, profit=profit)
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
    of whoever refused; the run's own limits are asked again, because they may have been changed or used up since.
    Raises Conflict: `signal_expired` and the like for one that was answered, `run_paused` and the like for a run
    that is not running, `price_moved` or `price_unknown` while the price is not within the run's band: it waits on.
    """
    actor.require(Permission.RUN_STRATEGIES)
    actor.require(Permission.PLACE_ORDERS)
    with transaction.atomic():
        run, batch = _answered(actor, signal_id)
        if run.state != RunState.RUNNING:
            raise Conflict(f"The run is {run.state.lower()}; it sends nothing.", code=f"run_{run.state.lower()}")
        prices = {signal.instrument.key: _price_within_band(run, signal) for signal in batch}
        refusal = refusal_of(
            run,
            [_wanted(signal, prices[signal.instrument.key]) for signal in batch],
            {signal.instrument.key: signal.instrument for signal in batch},
            at=clock.now(),
            counted=ANSWERED,
        )
        _settle(batch, SignalState.READY if refusal is None else SignalState.REFUSED, actor, refusal)
        _audit(actor, batch, "approved" if refusal is None else "refused")
    if refusal is None:
        signals_send(run_id=run.id, batch=batch, actor=actor)
    return signal_get(actor, signal_id)


def _price_within_band(run: StrategyRun, signal: Signal) -> Decimal | None:
    """The last price, fresh or not at hand; raises Conflict where the run has a band and it lies outside of it."""
    quote = quote_latest(signal.instrument.key)
    is_stale = quote is None or quote.is_stale(clock.wall_now(), settings.QUOTE_STALE_AFTER)
    price = None if quote is None or is_stale else quote.ltp
    band = approval_band(run.limits, signal.decision_price)
    if band is None:
        return price
    if price is None:
        raise Conflict("There is no fresh price to hold against the run's band.", code="price_unknown")
    low, high = band
    if not low <= price <= high:
        told = f"{signal.instrument.symbol} stands at {price}; it can be approved from {low} to {high}."
        raise Conflict(told, code="price_moved")
    return price


def _wanted(signal: Signal, price: Decimal | None) -> Wanted:
    """What a signal asks for, as it is judged again."""
    wish = OrderWish(
        symbol=signal.instrument.key,
        side=Side(signal.side),
        quantity=signal.quantity,
        order_type=OrderType(signal.order_type),
        product=Product(signal.product),
        validity=Validity(signal.validity),
        price=signal.price,
        trigger_price=signal.trigger_price,
    )
    return Wanted(signal.key, wish, price or signal.decision_price)


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


def _settle(batch: Sequence[Signal], state: SignalState, actor: Actor, refusal: Refusal | None = None) -> None:
    at = clock.now()
    for signal in batch:
        signal.state = move(SignalState(signal.state), state)
        signal.answered_by, signal.answered_at = actor.label, at
        if refusal is not None:
            signal.code, signal.reason = refusal.code[:40], refusal.message[:255]
        signal.save(update_fields=["state", "code", "reason", "answered_by", "answered_at"])


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
