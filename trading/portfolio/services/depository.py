"""The depository's charge: once for each share and day that leaves an account's demat holdings."""

from collections import defaultdict
from datetime import date
from uuid import UUID, uuid5

from django.db import transaction

from core import clock
from trading.portfolio.domain.holding_costs import debited_units
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind
from trading.portfolio.domain.trade import Segment
from trading.portfolio.models import DeliveryDay, Position, TradingAccount
from trading.portfolio.selectors.dated import depository_fee
from trading.portfolio.selectors.rates import charge_rates
from trading.portfolio.services.accounts import account_lock
from trading.portfolio.services.deliveries import tally_of
from trading.portfolio.services.events import position_event_post
from trading.portfolio.services.moments import event_moment


def dp_charges_post(on: date) -> int:
    """Charge each account once for each share that left it on a day; returns how many were charged. Idempotent."""
    sales: dict[tuple[UUID, str], list[DeliveryDay]] = defaultdict(list)
    rows = DeliveryDay.objects.filter(
        account__mode=TradingAccount.Mode.PAPER, trade_date=on, sold__gt=0
    ).select_related("position__instrument", "account")
    for row in rows.order_by("account_id", "id"):
        instrument = row.position.instrument
        sales[row.account_id, instrument.isin or instrument.key].append(row)
    return sum(_charge(on, account_id, scrip, rows) for (account_id, scrip), rows in sales.items())


def _charge(on: date, account_id: UUID, scrip: str, rows: list[DeliveryDay]) -> int:
    account: TradingAccount = rows[0].account
    fee = depository_fee(account.brokerage_plan, on)
    if fee is None:
        return 0
    debited = debited_units(fee, [tally_of(row) for row in rows])
    if not debited:
        return 0
    largest = max(rows, key=lambda row: row.sold)
    gst = charge_rates(largest.position.instrument.exchange, Segment.EQ_DELIVERY, on).gst_rate
    with transaction.atomic():
        locked = account_lock(account_id)
        position = Position.objects.select_related("instrument").get(id=largest.position_id)
        at = event_moment(position, on)
        posted = position_event_post(
            account=locked,
            position=position,
            facts=EventFacts(
                kind=PositionEventKind.DP_CHARGE,
                day=clock.trading_date(at),
                charges_paise=fee.charge_paise(gst),
            ),
            source_id=uuid5(account_id, f"dp:{scrip}:{on}"),
            at=at,
            description=f"Depository charge for {debited} {position.instrument.key} sold on {on:%d %b %Y}",
            data={"units": debited, "plan": account.brokerage_plan, "fee": str(fee.amount), "gst": str(gst)},
        )
    return int(posted is not None)
