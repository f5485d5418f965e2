"""The net under `triggers_follow`: triggers whose position went another way than by a fill of ours."""

from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from core import clock
from trading.brokers.domain.terms import Side
from trading.orders.domain.triggers.states import WATCHED_TRIGGERS, TriggerKind
from trading.orders.models import Trigger
from trading.portfolio.models import Position
from trading.portfolio.selectors import position_quantity
from trading.portfolio.services import account_lock

from .fit import position_fit

_ENTERING = [kind for kind in TriggerKind if kind.has_entry]
_SELLS = Q(kind__in=_ENTERING, side=Side.BUY) | (~Q(kind__in=_ENTERING) & Q(side=Side.SELL))


def orphans_cancel() -> int:
    """Cut down or cancel what guards more than its position has; returns how many.

    For the sweep, in a system scope.
    Conversions, expiries, corporate actions and trades made elsewhere move positions without an order of ours.
    """
    return sum(_fit(trigger) for trigger in _suspects())


def _suspects() -> list[Trigger]:
    """One trigger of each position that is smaller than what a trigger of it guards."""
    held = Position.objects.filter(
        account_id=OuterRef("account_id"),
        instrument_id=OuterRef("instrument_id"),
        product=OuterRef("product"),
        strategy=OuterRef("strategy"),
    ).values("quantity")[:1]
    guards = Trigger.objects.filter(status__in=sorted(WATCHED_TRIGGERS), protects=True)
    measured = guards.annotate(
        held=Coalesce(Subquery(held, output_field=BigIntegerField()), Value(0)),
        guarded=Case(When(kind__in=_ENTERING, then=F("entry_quantity")), default=F("quantity")),
        left=F("guarded") - F("filled_quantity") - F("released_quantity"),
    )
    short = (_SELLS & Q(held__lt=F("left"))) | (~_SELLS & Q(left__gt=-F("held")))
    suspects: dict[tuple[UUID, int, str, str], Trigger] = {}
    for trigger in measured.filter(short, left__gt=0).order_by("account_id", "id"):
        key = (trigger.account_id, trigger.instrument_id, trigger.product, trigger.strategy)
        suspects.setdefault(key, trigger)
    return list(suspects.values())


@transaction.atomic
def _fit(suspect: Trigger) -> int:
    account = account_lock(suspect.account_id)
    held = position_quantity(
        account_id=account.id,
        instrument_id=suspect.instrument_id,
        product=suspect.product,
        strategy=suspect.strategy,
    )
    return position_fit(
        account=account,
        instrument_id=suspect.instrument_id,
        product=suspect.product,
        strategy=suspect.strategy,
        held=held,
        at=clock.now(),
    )
