"""The beginning and the end of a trading day: what the calendar does to orders and positions, once a day.

A day is worked through when its time has come, whoever asks and however late. Everything underneath is idempotent
by itself; `DayRun` only remembers which days need not be looked at again. Paper accounts only: of a live one the
broker keeps the books.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import system_actor
from core import clock
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import CorporateAction
from trading.instruments.selectors import calendar_for, market_never_closes
from trading.orders.domain.states import LIVE
from trading.orders.models import Order
from trading.orders.services.order.cancel import order_withdraw
from trading.portfolio.models import DayRun, TradingAccount
from trading.portfolio.services import account_lock
from trading.portfolio.services.corporate_actions import corporate_action_apply, corporate_actions_due
from trading.portfolio.services.deliveries import deliveries_settle
from trading.portfolio.services.depository import dp_charges_post
from trading.portfolio.services.expiry import contracts_expire
from trading.portfolio.services.moments import closing_moment
from trading.portfolio.services.settlement import Tally, futures_mark, interest_post

# How far back a day that was never run is caught up with. Older ones are an operator's: `settle_day --date`.
CATCH_UP = timedelta(days=14)

Report = dict[str, object]


def day_open(on: date) -> Report:
    """Apply the corporate actions that are due by `on`; where they change the shares, orders that rest in them are
    cancelled first, because they were asked for in old ones.

    Needs a system scope. Idempotent. What is left over is in the day's `DayRun`, and looked at again.
    """
    report: Report = {}
    is_done = True
    started = clock.now()
    for action in corporate_actions_due(on):
        cancelled = sum(
            _end_order(order_id, account_id, "corporate_action") for account_id, order_id in _of(action)
        )
        tally = corporate_action_apply(action)
        is_done = is_done and not tally.left and not tally.failed
        report[str(action)] = {"orders_cancelled": cancelled} | tally.as_json()
    if report:
        DayRun.objects.update_or_create(
            job=DayRun.Job.OPENING,
            date=on,
            defaults={"report": report, "finished_at": clock.now() if is_done else None},
            create_defaults={
                "report": report,
                "finished_at": clock.now() if is_done else None,
                "started_at": started,
            },
        )
    return report


def day_close(on: date, *, again: bool = False) -> Report | None:
    """Everything that the end of `on` brings; None when it is not over yet, or was run whole before.

    Orders in contracts that end are expired; contracts end; futures are settled; MTF interest and depository
    charges are taken; shares arrive. With `again` a day that was run is looked at once more. Needs a system scope.
    """
    started = clock.now()
    if started < closing_moment(on):
        return None
    run, _ = DayRun.objects.get_or_create(job=DayRun.Job.CLOSING, date=on, defaults={"started_at": started})
    if run.finished_at is not None and not again:
        return None
    orders = sum(_end_order(order_id, account_id, "contract_expired") for account_id, order_id in _in_ended(on))
    tallies: dict[str, Tally] = {"expiry": contracts_expire(on)}
    if is_trading_day(on):
        tallies |= {"m2m": futures_mark(on), "interest": interest_post(on)}
    report: Report = {name: tally.as_json() for name, tally in tallies.items()}
    report |= {
        "orders_expired": orders,
        "dp_charges": dp_charges_post(on),
        "deliveries_settled": deliveries_settle(started),
    }
    is_done = not any(tally.failed or _waits(tally) for tally in tallies.values())
    DayRun.objects.filter(pk=run.pk).update(report=report, finished_at=clock.now() if is_done else None)
    return report


def days_close(at: datetime | None = None) -> int:
    """Close the days that have ended since the last run, oldest first; returns how many. Needs a system scope."""
    return sum(day_close(day) is not None for day in list(days_to_close(at)))


def days_to_close(at: datetime | None = None) -> Iterator[date]:
    """Days that are over and not run whole, oldest first: since the last one that was, at most two weeks back."""
    moment = at or clock.now()
    today = clock.trading_date(moment)
    done = DayRun.objects.filter(
        job=DayRun.Job.CLOSING, finished_at__isnull=False, date__lte=today, date__gt=today - CATCH_UP
    )
    known = set(done.values_list("date", flat=True))
    first = min(known) if known else today - timedelta(days=1)
    for offset in range((today - first).days + 1):
        day = first + timedelta(days=offset)
        if day not in known and is_trading_day(day) and moment >= closing_moment(day):
            yield day


def is_trading_day(on: date) -> bool:
    """Whether the market trades on a day; a simulated one that never closes trades on all."""
    if market_never_closes():
        return True
    try:
        return calendar_for().is_trading_day(on)
    except CalendarUnknown:
        return on.weekday() < 5


def _waits(tally: Tally) -> bool:
    """Whether a settlement price is still to come."""
    return "no_settlement_price" in tally.left.values()


def _of(action: CorporateAction) -> list[tuple[UUID, UUID]]:
    if action.kind == CorporateAction.Kind.DIVIDEND:
        return []
    live = Order.objects.filter(
        account__mode=TradingAccount.Mode.PAPER,
        instrument=action.instrument,
        status__in=sorted(LIVE),
        created_at__lt=clock.ist_day_start(action.ex_date),
    )
    return list(live.order_by("account_id", "id").values_list("account_id", "id"))


def _in_ended(on: date) -> list[tuple[UUID, UUID]]:
    live = Order.objects.filter(
        account__mode=TradingAccount.Mode.PAPER, instrument__expiry__lte=on, status__in=sorted(LIVE)
    )
    return list(live.order_by("account_id", "id").values_list("account_id", "id"))


@transaction.atomic
def _end_order(order_id: UUID, account_id: UUID, reason: str) -> bool:
    account = account_lock(account_id)
    live = Order.objects.select_related("instrument").filter(id=order_id, status__in=sorted(LIVE))
    order = live.first()
    if order is None:
        return False
    order_withdraw(order, account=account, actor=system_actor(order.organisation_id, "calendar"), reason=reason)
    return True
