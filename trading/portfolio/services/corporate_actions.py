"""What companies do to their shares, applied to those who held them when the ex-date began."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID, uuid5

from core import clock
from core.money import format_inr, from_paise, to_paise
from trading.brokers.domain.terms import Product
from trading.instruments.models import CorporateAction, Instrument
from trading.marketdata.selectors import last_prices
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind, adjusted_quantity
from trading.portfolio.models import Position, PositionEvent, TradingAccount
from trading.portfolio.services.events import position_event_post
from trading.portfolio.services.settlement import Tally, each_position, kept_here

_NAMESPACE = UUID("6d5a7e0b-6a0c-5c7c-9f0e-3f1f6f0e8c11")


def corporate_actions_due(on: date) -> list[CorporateAction]:
    """What takes effect on `on` or before and has not been applied, oldest first."""
    due = CorporateAction.objects.filter(ex_date__lte=on, applied_at=None).select_related("instrument")
    return list(due.order_by("ex_date", "id"))


def corporate_action_apply(action: CorporateAction) -> Tally:
    """Apply one action to every position in its share, each once; needs a system scope.

    A split or a bonus changes the units of every open position and pays a fraction of a unit in cash at the last
    price before the ex-date; a dividend is paid on DELIVERY holdings. Contracts on the share are not adjusted.
    A position that has traded on the ex-date already is left and reported. When nothing is left over the action
    is marked as applied, for good.
    """
    holders = kept_here().exclude(quantity=0).filter(instrument=action.instrument)
    if action.kind == CorporateAction.Kind.DIVIDEND:
        holders = holders.filter(product=Product.DELIVERY)

    def apply(account: TradingAccount, position: Position) -> str | None:
        source_id = uuid5(_NAMESPACE, f"{action.pk}:{position.id}")
        if PositionEvent.objects.filter(source_type=action.kind, source_id=source_id).exists():
            return None
        if position.updated_at >= clock.ist_day_start(action.ex_date):
            return "traded_since"
        facts, story = _dividend(action, position) if action.amount else _adjustment(action, position)
        position_event_post(
            account=account,
            position=position,
            facts=facts,
            source_id=source_id,
            at=clock.ist_day_start(action.ex_date),
            description=story,
            data={"corporate_action": action.pk, "quantity_before": position.quantity},
        )
        return None

    tally = each_position(holders.values_list("account_id", "id"), apply)
    if not tally.left and not tally.failed:
        CorporateAction.objects.filter(pk=action.pk, applied_at=None).update(applied_at=clock.now())
    return tally


def _dividend(action: CorporateAction, position: Position) -> tuple[EventFacts, str]:
    amount = action.amount or Decimal(0)
    facts = EventFacts(
        kind=PositionEventKind.DIVIDEND,
        day=action.ex_date,
        price=amount,
        value_paise=to_paise(amount * position.quantity),
    )
    return facts, f"Dividend of {format_inr(amount)} on {position.quantity} {action.instrument.key}"


def _adjustment(action: CorporateAction, position: Position) -> tuple[EventFacts, str]:
    ratio = Fraction(action.ratio_after or 1, action.ratio_held or 1)
    quantity, fraction = adjusted_quantity(position.quantity, ratio)
    price = _price_after(action.instrument, action.ex_date, position, ratio)
    cash = to_paise(price * fraction.numerator / fraction.denominator)
    facts = EventFacts(
        kind=PositionEventKind(action.kind),
        day=action.ex_date,
        quantity_change=quantity - position.quantity,
        price=price if fraction else None,
        value_paise=cash,
        ratio=ratio,
    )
    story = f"{action.get_kind_display()} of {action.instrument.key}, {ratio.denominator} into {ratio.numerator}"
    return facts, f"{story}: {position.quantity} became {quantity}" + (
        f", {format_inr(from_paise(cash))} for the fraction" if fraction else ""
    )


def _price_after(instrument: Instrument, ex_date: date, position: Position, ratio: Fraction) -> Decimal:
    """The last price before the ex-date divided by the ratio; what the position cost where none is known."""
    before = last_prices([instrument.pk], before=clock.ist_day_start(ex_date)).get(instrument.pk)
    return (before or position.average_price) * ratio.denominator / ratio.numerator
