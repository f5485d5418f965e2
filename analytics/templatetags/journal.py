"""The journal's parts of other pages."""

from datetime import timedelta
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from analytics.domain.pictures import MOST_BYTES
from analytics.domain.trades import ClosedTrade
from analytics.models import JournalEntry
from analytics.selectors.journal import moment_of

register = template.Library()

_DAY = timedelta(days=1)
_INTRADAY, _DAILY = "5m", "1d"


@register.simple_tag
def most_picture_bytes() -> int:
    """How large a picture of the journal may be."""
    return MOST_BYTES


@register.simple_tag
def chart_of_trade(trade: ClosedTrade, symbol: str) -> str:
    """The chart at a trade's end; a picture taken there is of an entry about it."""
    trip = trade.trip
    return _chart(
        symbol,
        at=trip.closed_at.isoformat(),
        interval=_INTRADAY if trip.held < _DAY else _DAILY,
        account=trade.position.account_id,
        opened_by=trip.opened_by,
        closed_by=trip.closed_by,
    )


@register.simple_tag
def chart_of_entry(entry: JournalEntry) -> str:
    """The chart at the moment that an entry is about, for a picture of it; empty without an instrument."""
    if entry.instrument is None:
        return ""
    return _chart(entry.instrument.key, at=moment_of(entry).isoformat(), interval=_INTRADAY, entry=entry.pk)


def _chart(symbol: str, **query: object) -> str:
    return f"{reverse('marketdata:chart', args=[symbol])}?{urlencode(query)}"
