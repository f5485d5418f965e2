"""Shares on their way: noted with each trade for delivery, arrived by the calendar."""

from datetime import datetime

from core import clock
from core.db import writes
from trading.portfolio.domain.deliveries import DayNet, DeliveryTally
from trading.portfolio.models import DeliveryDay, Position
from trading.portfolio.selectors.dated import payout_moment, settles_on

_COLUMNS = ["bought", "sold", "from_settled", "from_unsettled"]


def delivery_note(*, position: Position, quantity_change: int, held_before: int, at: datetime) -> None:
    """Count a trade of a DELIVERY or MTF position towards its day. The caller holds the account lock."""
    on = clock.trading_date(at)
    rows = {row.trade_date: row for row in DeliveryDay.objects.filter(position_id=position.id, settled_at=None)}
    row = rows.pop(on, None) or DeliveryDay(
        organisation_id=position.organisation_id,
        account_id=position.account_id,
        position_id=position.id,
        trade_date=on,
        settles_on=settles_on(on),
    )
    earlier = [DayNet(other.bought, other.sold) for other in rows.values()]
    _write(row, tally_of(row).traded(quantity_change, held=held_before, earlier=earlier))
    if row._state.adding:
        row.save(force_insert=True)
    else:
        writes.update(row, _COLUMNS)


def deliveries_settle(at: datetime | None = None) -> int:
    """Let arrive what is due by `at` (default: market time now); returns how many days of positions. Idempotent."""
    moment = at or clock.now()
    today = clock.trading_date(moment)
    due = DeliveryDay.objects.filter(settled_at=None)
    settled = due.filter(settles_on__lt=today).update(settled_at=moment)
    if moment >= payout_moment(today):
        settled += due.filter(settles_on=today).update(settled_at=moment)
    return settled


def deliveries_adjust(*, position: Position, held: int, after: int) -> None:
    """A split or a bonus turns `held` shares into `after`: those on their way too. The caller holds the lock."""
    for row in DeliveryDay.objects.filter(position_id=position.id, settled_at=None):
        _write(row, tally_of(row).adjusted(held=held, after=after))
        writes.update(row, _COLUMNS)


def tally_of(row: DeliveryDay) -> DeliveryTally:
    """The row as its rules take it."""
    return DeliveryTally(row.bought, row.sold, row.from_settled, row.from_unsettled)


def _write(row: DeliveryDay, tally: DeliveryTally) -> None:
    for column in _COLUMNS:
        setattr(row, column, getattr(tally, column))
