"""Ending contracts on their last day; `domain/expiry.py` says how, this posts it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import uuid5

from core import clock
from core.money import format_inr, from_paise, to_paise
from notifications.models import NotificationKind
from notifications.services import notification_send
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument, InstrumentType
from trading.marketdata.selectors import settlement_price
from trading.portfolio.domain.expiry import Settlement, settle, shares_due
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind
from trading.portfolio.domain.trade import Segment
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.selectors.positions import delivery_quantity_available
from trading.portfolio.selectors.rates import charge_rates, charges_for
from trading.portfolio.services.events import position_event_post
from trading.portfolio.services.moments import event_moment
from trading.portfolio.services.positions import position_for
from trading.portfolio.services.settlement import Tally, each_position, kept_here

_CASH_EXCHANGE = {"NFO": "NSE", "BFO": "BSE"}
_WORDS = {
    PositionEventKind.EXPIRY: "expired worthless",
    PositionEventKind.EXERCISE: "exercised",
    PositionEventKind.ASSIGNMENT: "assigned",
    PositionEventKind.SETTLEMENT: "settled",
}


def contracts_expire(on: date) -> Tally:
    """End every position in contracts whose last day is `on` or before. Idempotent: what has ended is flat.

    Those that receive shares go first, so that one contract's delivery can be another's. A contract whose
    underlying has no settlement price is left and reported.
    """
    ending = kept_here().exclude(quantity=0).filter(instrument__expiry__lte=on).select_related("instrument")
    rows = list(ending)
    receiving = {row.id for row in rows if _receives(row)}
    first = each_position([(row.account_id, row.id) for row in rows if row.id in receiving], _end)
    then = each_position([(row.account_id, row.id) for row in rows if row.id not in receiving], _end)
    return Tally(first.done + then.done, first.left | then.left, first.failed + then.failed)


def underlying_of(contract: Instrument) -> Instrument | None:
    """The index or share that a contract is on; None where the master does not have it."""
    exchange = _CASH_EXCHANGE.get(contract.exchange, contract.exchange)
    found: Instrument | None = Instrument.objects.filter(key=f"{exchange}:{contract.underlying}").first()
    return found


def _receives(position: Position) -> bool:
    instrument: Instrument = position.instrument
    underlying = underlying_of(instrument)
    if underlying is None or underlying.instrument_type == InstrumentType.INDEX or instrument.expiry is None:
        return False
    price = settlement_price(underlying, instrument.expiry)
    return (
        price is not None
        and shares_due(
            right=instrument.instrument_type, quantity=position.quantity, strike=instrument.strike, underlying=price
        )
        > 0
    )


def _end(account: TradingAccount, position: Position) -> str | None:
    contract: Instrument = position.instrument
    underlying = underlying_of(contract)
    if underlying is None or contract.expiry is None:
        return "unknown_underlying"
    price = settlement_price(underlying, contract.expiry)
    if price is None:
        return "no_settlement_price"
    physical = underlying.instrument_type != InstrumentType.INDEX
    held = delivery_quantity_available(
        account_id=account.id, instrument_id=underlying.id, strategy=position.strategy
    )
    at = event_moment(position, contract.expiry)
    parts = settle(
        right=contract.instrument_type,
        quantity=position.quantity,
        strike=contract.strike,
        underlying=price,
        physical=physical,
        deliverable=held,
    )
    for number, part in enumerate(parts):
        _close(account, position, underlying, part, price, number, at)
        if part.delivered:
            _deliver(account, position, underlying, part, at)
    _tell(account, position, parts, price, is_short=physical and _undelivered(position, parts))
    return None


def _close(
    account: TradingAccount,
    position: Position,
    underlying: Instrument,
    part: Settlement,
    price: Decimal,
    number: int,
    at: datetime,
) -> None:
    contract: Instrument = position.instrument
    assert contract.expiry is not None
    charges = 0
    if part.exercise_value:
        rate = charge_rates(contract.exchange, Segment.OPT, contract.expiry).stt_exercise
        charges = to_paise(part.exercise_value * rate)
    position_event_post(
        account=account,
        position=position,
        facts=EventFacts(
            kind=part.kind,
            day=clock.trading_date(at),
            quantity_change=-part.quantity,
            price=part.price,
            value_paise=to_paise(part.price * abs(part.quantity)),
            charges_paise=charges,
        ),
        source_id=uuid5(position.id, f"expiry:{contract.expiry}:{number}"),
        at=at,
        description=_story(contract, underlying, part, price),
        data={
            "underlying": underlying.key,
            "underlying_price": str(price),
            "delivered": part.delivered,
            "delivery_price": str(part.delivery_price),
            "stt": str(from_paise(charges)),
        },
    )


def _deliver(
    account: TradingAccount, position: Position, stock: Instrument, part: Settlement, at: datetime
) -> None:
    """Shares in or out of the delivery position at the delivery price, with the levies of a delivery trade."""
    side = Side.BUY if part.delivered > 0 else Side.SELL
    units = abs(part.delivered)
    levies = charges_for(
        instrument=stock,
        product=Product.DELIVERY,
        side=side,
        quantity=units,
        price=part.delivery_price,
        day=clock.trading_date(at),
        plan=account.brokerage_plan,
    ).rounded()
    shares = position_for(
        account=account, instrument=stock, product=Product.DELIVERY, strategy=position.strategy, at=at
    )
    moment = at if shares.day is None or shares.day <= clock.trading_date(at) else clock.now()
    position_event_post(
        account=account,
        position=shares,
        facts=EventFacts(
            kind=PositionEventKind.DELIVERY,
            day=clock.trading_date(moment),
            quantity_change=part.delivered,
            price=part.delivery_price,
            value_paise=to_paise(part.delivery_price * units),
            charges_paise=to_paise(levies.stt) + to_paise(levies.stamp),
        ),
        source_id=uuid5(position.id, f"delivery:{position.instrument.expiry}"),
        at=moment,
        description=f"{'Received' if side is Side.BUY else 'Delivered'} {units} {stock.key} at "
        f"{format_inr(part.delivery_price)} for {position.instrument.key}",
        data={"contract": position.instrument.key, "stt": str(levies.stt), "stamp": str(levies.stamp)},
    )


def _undelivered(position: Position, parts: list[Settlement]) -> bool:
    """Whether some units were closed in cash that should have been delivered."""
    return any(not part.delivered and part.kind is not PositionEventKind.EXPIRY for part in parts)


def _story(contract: Instrument, underlying: Instrument, part: Settlement, price: Decimal) -> str:
    how = f"{contract.key} {_WORDS[part.kind]}: {underlying.key} settled at {format_inr(price)}"
    if part.delivered:
        return f"{how}; {abs(part.delivered)} shares at {format_inr(part.delivery_price)}"
    return how if not part.price else f"{how}; {format_inr(part.price)} a unit in cash"


def _tell(
    account: TradingAccount, position: Position, parts: list[Settlement], price: Decimal, *, is_short: bool
) -> None:
    contract: Instrument = position.instrument
    body = f"{contract.underlying} settled at {format_inr(price)}."
    if is_short:
        body += " Shares that the account did not hold could not be delivered and were closed out in cash."
    if account.balance.available_paise < 0:
        body += " The account owes money: add funds or sell."
    notification_send(
        organisation_id=account.organisation_id,
        user_id=account.owner_id,
        kind=NotificationKind.RISK if is_short or account.balance.available_paise < 0 else NotificationKind.SYSTEM,
        title=f"{contract.key} {' and '.join(dict.fromkeys(_WORDS[part.kind] for part in parts))}",
        body=body,
        link="/positions/",
    )
