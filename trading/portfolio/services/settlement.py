"""What the end of a day does to positions that were carried past it: futures are settled, borrowed money costs.

Each position is settled in its own transaction under its account's lock, at most once for a day; a run that comes
late leaves alone what has traded since, because the next day's settlement covers it.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from core import clock
from core.errors import SaudaError
from core.money import format_inr, from_paise, to_paise
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument, InstrumentType
from trading.marketdata.selectors import settlement_price
from trading.portfolio.domain.deliveries import DayNet, unsettled_quantity
from trading.portfolio.domain.holding_costs import funded_paise, interest_paise
from trading.portfolio.domain.position_events import EventFacts, EventImpossible, PositionEventKind
from trading.portfolio.models import DeliveryDay, Position, TradingAccount
from trading.portfolio.selectors.dated import days_to_next, financing_rate
from trading.portfolio.services.accounts import account_lock
from trading.portfolio.services.events import position_event_post
from trading.portfolio.services.moments import event_moment

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """How a job went: positions done, left alone with the reason, and failed."""

    done: int = 0
    left: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {"done": self.done, "left": self.left, "failed": self.failed}


def futures_mark(on: date) -> Tally:
    """Settle every open future of a day at its settlement price: cash moves, and the average starts afresh."""
    open_futures = (
        kept_here()
        .exclude(quantity=0)
        .filter(instrument__instrument_type=InstrumentType.FUTURE, instrument__expiry__gt=on)
    )
    prices: dict[int, Decimal | None] = {}

    def mark(account: TradingAccount, position: Position) -> str | None:
        instrument: Instrument = position.instrument
        if position.day is not None and position.day > on:
            return "traded_since"
        if instrument.id not in prices:
            prices[instrument.id] = settlement_price(instrument, on)
        price = prices[instrument.id]
        if price is None:
            return "no_settlement_price"
        position_event_post(
            account=account,
            position=position,
            facts=EventFacts(
                kind=PositionEventKind.M2M,
                day=on,
                price=price,
                value_paise=to_paise(price * abs(position.quantity)),
            ),
            source_id=uuid5(position.id, f"m2m:{on}"),
            at=event_moment(position, on),
            description=f"{position.instrument.key} settled at {format_inr(price)} on {on:%d %b %Y}",
            data={"average_before": str(position.average_price), "quantity": position.quantity},
        )
        return None

    return each_position(open_futures.values_list("account_id", "id"), mark)


def interest_post(on: date) -> Tally:
    """Charge the borrowed part of what MTF positions cost, for the days from `on` to the next trading day.

    Interest runs from the day the shares arrive, when the money is due, and bears no GST. A late run takes what is
    lent by then.
    """
    financed = kept_here().filter(product=Product.MTF, quantity__gt=0)
    days = days_to_next(on)

    def charge(account: TradingAccount, position: Position) -> str | None:
        rate = financing_rate(account.brokerage_plan, on)
        if not rate:
            return None
        at = event_moment(position, on)
        day = clock.trading_date(at)
        funded = funded_paise(position.state, coming_after(position, on))
        interest = interest_paise(rate, days=days, funded=funded)
        if interest:
            position_event_post(
                account=account,
                position=position,
                facts=EventFacts(kind=PositionEventKind.INTEREST, day=day, charges_paise=interest),
                source_id=uuid5(position.id, f"interest:{on}"),
                at=at,
                description=f"Interest on {format_inr(from_paise(funded))} borrowed, {days} day(s)",
                data={"funded_paise": funded, "rate": str(rate), "days": days},
            )
        return None

    return each_position(financed.values_list("account_id", "id"), charge)


def coming_after(position: Position, on: date) -> int:
    """Units that a day leaves on their way; what settles on it has arrived by its end, whenever that is noted."""
    rows = DeliveryDay.objects.filter(position_id=position.id, settled_at=None, settles_on__gt=on)
    return unsettled_quantity(position.quantity, [DayNet(row.bought, row.sold) for row in rows])


def kept_here() -> QuerySet[Position]:
    """Positions of paper accounts: of a live one the broker keeps the books, and its fills and charges are told."""
    return Position.objects.filter(account__mode=TradingAccount.Mode.PAPER)


def each_position(
    found: Iterable[tuple[UUID, UUID]], act: Callable[[TradingAccount, Position], str | None]
) -> Tally:
    """Do something to each position (`account_id`, `id`) under its account's lock; `act` says why it did not.

    One position's trouble is logged with its id and leaves the others to be done.
    """
    tally = Tally()
    for account_id, position_id in sorted(found):
        try:
            with transaction.atomic():
                account = account_lock(account_id)
                position = Position.objects.select_related("instrument").get(id=position_id)
                reason = act(account, position) if position.quantity else None
        except (SaudaError, EventImpossible, DatabaseError):
            logger.exception("position could not be settled", extra={"position": str(position_id)})
            tally.failed.append(str(position_id))
            continue
        if reason is None:
            tally.done += 1
        else:
            tally.left[str(position_id)] = reason
    return tally
