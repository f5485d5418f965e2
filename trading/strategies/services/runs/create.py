"""Making a run, checked whole before anything is written."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core import clock
from core.errors import Conflict
from core.ids import new_id
from core.money import to_paise
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import Interval
from trading.orders.models import Order
from trading.portfolio.domain.trade import product_allowed
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.schedule import EVERY_DAY, Schedule
from trading.strategies.domain.runs.states import Mode, RunState
from trading.strategies.domain.strategy import Strategy
from trading.strategies.models import RunNoteKind, StrategyRun
from trading.strategies.selectors.catalogue import strategy_in
from trading.strategies.selectors.runs.strategy import pinned, strategy_close
from trading.strategies.services.runs.bounds import bounds_check, fault
from trading.strategies.services.runs.journal import note_add
from trading.strategies.services.runs.limits import limit_columns

MOST_SYMBOLS = 500
MAX_NAME = 48


@dataclass(frozen=True, slots=True)
class RunDraft:
    """What somebody wants to run. Money in rupees."""

    account_id: UUID
    name: str
    strategy: str
    symbols: tuple[str, ...]
    interval: Interval
    product: Product
    capital: Decimal
    parameters: dict[str, Any] = field(default_factory=dict)
    mode: Mode = Mode.AUTO
    signal_seconds: int = 120
    limits: RunLimits = field(default_factory=RunLimits)
    schedule: Schedule = field(default_factory=Schedule)


def run_create(*, actor: Actor, draft: RunDraft) -> StrategyRun:
    """A run in DRAFT. Needs RUN_STRATEGIES.

    Raises NotFound (`unknown_account`, `unknown_strategy`, `unknown_symbol`), InvalidInput with the code of the
    first fault (`run_name_invalid`, `symbols_unfit`, `interval_unfit`, `product_not_allowed`, `capital_invalid`,
    `limit_invalid`, `schedule_invalid`, `signal_seconds_invalid`, `parameter_…`), Conflict (`run_name_taken`).
    """
    actor.require(Permission.RUN_STRATEGIES)
    account = account_get(actor, draft.account_id)
    key = pinned(actor.organisation_id, draft.strategy)
    strategy = strategy_in(actor.organisation_id, key)(**draft.parameters)
    _check(draft)
    instruments = _instruments(draft, type(strategy))
    row = _row(actor, account, draft, strategy, key, instruments)
    strategy_close(strategy)
    try:
        with transaction.atomic():
            if Order.objects.filter(account_id=account.id, strategy=draft.name).exists():
                raise _taken(draft.name)
            row.save(force_insert=True)
            note_add(row, RunNoteKind.STATE, f"Created by {actor.label}.")
            audit_record(
                actor=actor,
                action="strategy_run.created",
                object_type="strategy_run",
                object_id=row.id,
                data={"name": row.name, "strategy": row.strategy, "account": str(account.id), "mode": row.mode},
            )
    except IntegrityError as error:
        if "strategy_run_name_once" not in str(error):
            raise
        raise _taken(draft.name) from error
    return row


def _taken(name: str) -> Conflict:
    message = "This name is or was another run's: its orders and positions carry it."
    return Conflict(message, code="run_name_taken", errors={"name": [message]})


def _check(draft: RunDraft) -> None:
    if not draft.name.strip() or len(draft.name) > MAX_NAME or not draft.name.isprintable():
        raise fault("name", "run_name_invalid", f"A name has 1 to {MAX_NAME} printable characters.")
    bounds_check(capital=draft.capital, limits=draft.limits, signal_seconds=draft.signal_seconds)
    _check_schedule(draft.schedule)


def _check_schedule(schedule: Schedule) -> None:
    if not 1 <= schedule.weekdays <= EVERY_DAY:
        raise fault("schedule.weekdays", "schedule_invalid", "Name at least one day of the week.")
    if schedule.start is not None and schedule.stop is not None and schedule.stop <= schedule.start:
        raise fault("schedule.stop", "schedule_invalid", "It stops after it starts.")
    if schedule.flatten and schedule.stop is None:
        raise fault("schedule.stop", "schedule_invalid", "Closing at the stop needs a time to stop at.")


def _instruments(draft: RunDraft, strategy: type[Strategy]) -> list[Instrument]:
    keys = tuple(dict.fromkeys(draft.symbols))
    least, most = strategy.symbols_wanted
    if not least <= len(keys) <= min(most, MOST_SYMBOLS):
        wanted = str(least) if least == most else f"{least} to {min(most, MOST_SYMBOLS)}"
        raise fault("symbols", "symbols_unfit", f"{strategy.title} runs on {wanted} instruments.")
    if draft.interval not in strategy.intervals:
        meant = ", ".join(strategy.intervals)
        raise fault("interval", "interval_unfit", f"{strategy.title} is meant for {meant}.")
    found = [instrument_get(key) for key in keys]
    for each in found:
        if each.is_tradable and not product_allowed(each.instrument_type, draft.product):
            raise fault("product", "product_not_allowed", f"{each.key} cannot be traded as {draft.product}.")
    return found


def _row(
    actor: Actor,
    account: TradingAccount,
    draft: RunDraft,
    strategy: Strategy,
    key: str,
    instruments: list[Instrument],
) -> StrategyRun:
    at = clock.now()
    schedule = draft.schedule
    return StrategyRun(
        id=new_id(),
        organisation_id=actor.organisation_id,
        account=account,
        name=draft.name,
        strategy=key,
        parameters=dict(strategy.values),
        symbols=[each.key for each in instruments],
        interval=draft.interval,
        product=draft.product,
        capital_paise=to_paise(draft.capital),
        mode=draft.mode,
        signal_seconds=draft.signal_seconds,
        **limit_columns(draft.limits),
        weekdays=schedule.weekdays,
        start_time=schedule.start,
        stop_time=schedule.stop,
        special_sessions=schedule.special_sessions,
        flatten_at_stop=schedule.flatten,
        state=RunState.DRAFT,
        state_at=at,
        created_by=actor.label,
        created_at=at,
    )
