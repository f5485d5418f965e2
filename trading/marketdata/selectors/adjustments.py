"""What corporate actions do to the prices of an instrument."""

from collections.abc import Collection
from datetime import date

from trading.instruments.models import CorporateAction, Instrument

from ..domain.adjustment import PriceEvent, dividend_event, shares_event
from ..models import DailyBar

SHARE_CHANGES = frozenset({CorporateAction.Kind.SPLIT, CorporateAction.Kind.BONUS})
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def price_events(
    instrument: Instrument, kinds: Collection[CorporateAction.Kind], *, until: date
) -> tuple[PriceEvent, ...]:
    """The events of these kinds with an ex-date up to `until`, in order.

    A dividend needs the close before its ex-date: where no daily bar tells it, the dividend changes nothing.
    """
    actions = CorporateAction.objects.filter(instrument=instrument, kind__in=kinds, ex_date__lte=until)
    events = (_event(action) for action in actions.order_by("ex_date", "kind"))
    return tuple(event for event in events if event is not None)


def _event(action: CorporateAction) -> PriceEvent | None:
    day = action.ex_date.toordinal() - _EPOCH_ORDINAL
    if action.amount is None:
        return shares_event(day, held=action.ratio_held or 1, after=action.ratio_after or 1)
    before = DailyBar.objects.filter(instrument_id=action.instrument_id, date__lt=action.ex_date)
    close = before.order_by("-date").values_list("close", flat=True).first()
    return dividend_event(day, amount=action.amount, close=close) if close is not None else None
