"""The one door for what happens to a position besides trades: the event, the ledger and the position together."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core import clock, streams
from core.db import writes
from trading.brokers.domain.terms import Product
from trading.portfolio.domain.ledger import LedgerAccount, SourceType, fill_postings
from trading.portfolio.domain.position import PositionChange
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind, apply_event
from trading.portfolio.models import Position, PositionEvent, TradingAccount
from trading.portfolio.selectors.positions import position_shape
from trading.portfolio.services.deliveries import deliveries_adjust, delivery_note
from trading.portfolio.services.funds import InsufficientFunds
from trading.portfolio.services.margin import BlockChange, block_change
from trading.portfolio.services.positions import inventory_change, position_store
from trading.portfolio.services.posting import ledger_post


def position_event_post(
    *,
    account: TradingAccount,
    position: Position,
    facts: EventFacts,
    source_id: UUID,
    at: datetime,
    description: str,
    data: dict[str, Any] | None = None,
    must_be_funded: bool = False,
) -> PositionEvent | None:
    """Post one event; None, with nothing written, when this source was posted before.

    The caller holds the account lock inside a transaction and has read `position` under it. `facts.day` is the
    Indian date of `at`. With `must_be_funded` it raises InsufficientFunds, with nothing written, where it would
    take more than is available; else what is owed is owed. Raises EventImpossible where event and position
    contradict each other, and ValueError for a DELIVERY or MTF position taken short.
    """
    if clock.trading_date(at) != facts.day:
        raise ValueError(f"{facts.kind} at {at} does not belong to {facts.day}")
    source = SourceType(facts.kind)
    if PositionEvent.objects.filter(source_type=source, source_id=source_id).exists():
        return None
    change = apply_event(position.state, facts)
    if Product(position.product).takes_delivery and change.after.quantity < 0:
        raise ValueError("more would be delivered than is held")
    block = block_change(account, position, change.after, at=at) if position.instrument.underlying else None
    _post(account, position, change, facts, source_id, at, description, block=block, must_be_funded=must_be_funded)
    held_before = position.quantity
    position_store(position, change.after, at)
    if block is not None:
        block.store()
    _deliveries_follow(position, facts, held_before, at)
    event = _event_row(account, position, change, facts, source_id, at, description, data or {})
    writes.insert(event)
    streams.append(
        f"positions:{account.id}",
        "position_update",
        position_shape(position, position.instrument.key, ltp=facts.price),
        organisation_id=account.organisation_id,
    )
    return event


def _deliveries_follow(position: Position, facts: EventFacts, held_before: int, at: datetime) -> None:
    if not Product(position.product).takes_delivery:
        return
    if facts.kind in (PositionEventKind.CONVERSION, PositionEventKind.DELIVERY):
        delivery_note(position=position, quantity_change=facts.quantity_change, held_before=held_before, at=at)
    elif facts.ratio is not None:
        deliveries_adjust(position=position, held=facts.ratio.denominator, after=facts.ratio.numerator)


def _post(
    account: TradingAccount,
    position: Position,
    change: PositionChange,
    facts: EventFacts,
    source_id: UUID,
    at: datetime,
    description: str,
    *,
    block: BlockChange | None,
    must_be_funded: bool,
) -> None:
    postings = fill_postings(
        change,
        inventory_change_paise=inventory_change(position, change.after),
        charges_paise=facts.charges_paise,
        released_hold_paise=0,
        block_change_paise=block.change_paise if block else 0,
    )
    if not postings:
        return
    needed = max(-postings.get(LedgerAccount.AVAILABLE, 0), 0) if must_be_funded else 0
    posted = ledger_post(
        account=account,
        source_type=SourceType(facts.kind),
        source_id=source_id,
        postings=postings,
        at=at,
        description=description[:120],
        needed_paise=needed,
    )
    if not posted:
        raise InsufficientFunds("The account has less available than this needs.")


def _event_row(
    account: TradingAccount,
    position: Position,
    change: PositionChange,
    facts: EventFacts,
    source_id: UUID,
    at: datetime,
    description: str,
    data: dict[str, Any],
) -> PositionEvent:
    return PositionEvent(
        organisation_id=account.organisation_id,
        account=account,
        position=position,
        kind=facts.kind,
        quantity_change=facts.quantity_change,
        price=facts.price,
        value_paise=facts.value_paise,
        charges_paise=facts.charges_paise,
        margin_paise=facts.margin_paise,
        realised_pnl_paise=change.realised_pnl_paise,
        ratio_numerator=facts.ratio.numerator if facts.ratio else None,
        ratio_denominator=facts.ratio.denominator if facts.ratio else None,
        source_type=facts.kind,
        source_id=source_id,
        description=description[:200],
        data=data,
        at=at,
    )
