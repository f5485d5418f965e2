"""A day's settlement price: the official one where it is known, else one from the day's last half hour."""

from datetime import date
from decimal import Decimal

from core.clock import ist_day_span, trading_date
from core.errors import Unavailable
from trading.instruments.models import Instrument

from ..domain.settlement import settlement_of
from ..models import DailyBar, SettlementPrice
from .minutes import stored_minutes
from .quotes import quote_latest


def settlement_price(instrument: Instrument, on: date) -> Decimal | None:
    """Rupees; None when nothing is known of the instrument on that day.

    Where none was entered or imported, the bhavcopy's close stands in. Where there is none either, one is derived:
    the average of the last thirty one-minute closes weighted by volume (unweighted for an index,
    which has none), as the exchanges take the last half hour; without candles the last price of that day.
    """
    official = SettlementPrice.objects.filter(instrument=instrument, date=on).first()
    if official is not None:
        return official.price
    published = DailyBar.objects.filter(instrument=instrument, date=on, source=DailyBar.Source.BHAVCOPY).first()
    if published is not None:
        return published.close
    derived = settlement_of(stored_minutes(instrument.pk, *ist_day_span(on)))
    return _last_price(instrument, on) if derived is None else derived


def _last_price(instrument: Instrument, on: date) -> Decimal | None:
    try:
        quote = quote_latest(instrument.key)
    except Unavailable:
        return None
    return quote.ltp if quote is not None and trading_date(quote.timestamp) == on else None
