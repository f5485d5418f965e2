"""Finding the contract that an option by its offset means: in the instrument master, against a fresh price."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from core import clock
from core.errors import InvalidInput, NotFound, Unprocessable
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.keys import Exchange
from trading.instruments.domain.sessions import Segment
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instrument_get, instruments_listed, market_never_closes, session_windows
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quote_latest
from trading.orders.domain.option_choice import (
    OptionChoice,
    Reference,
    StrikeOffset,
    expiry_chosen,
    strike_chosen,
)
from trading.orders.services.order.context import is_fresh

CASH_EXCHANGE = {Exchange.NFO: Exchange.NSE, Exchange.BFO: Exchange.BSE}


@dataclass(frozen=True, slots=True)
class FoundOption:
    """The contract, and what it was found with: `reference_key` and its price are None for a given strike."""

    instrument: Instrument
    reference_key: str | None
    reference_price: Decimal | None


def option_contract(choice: OptionChoice, *, at: datetime | None = None) -> FoundOption:
    """The listed contract that is meant.

    Raises `NotFound` (`unknown_underlying`, `no_such_expiry`, `no_such_strike`), and `Unprocessable`
    (`no_underlying_price`) where an offset has no fresh price to be measured from.
    """
    moment = at or clock.now()
    exchange = _exchange(choice.exchange)
    contracts = instruments_listed(clock.trading_date(moment)).filter(
        exchange=exchange, underlying=choice.underlying, instrument_type=str(choice.right)
    )
    listed_expiries = contracts.order_by().values_list("expiry", flat=True).distinct()
    expiries = sorted({expiry for expiry in listed_expiries if expiry is not None})
    if not expiries:
        raise NotFound(f"{choice.underlying} has no options on {exchange}.", code="unknown_underlying")
    expiry = expiry_chosen(choice.expiry, expiries, today=_first_live_day(moment))
    if expiry is None:
        listed = ", ".join(f"{each:%d %b %Y}" for each in expiries[:4])
        raise NotFound(
            f"{choice.underlying} has no expiry {choice.expiry}; it lists {listed}.", code="no_such_expiry"
        )
    ladder = {row.strike: row for row in contracts.filter(expiry=expiry) if row.strike is not None}
    if isinstance(choice.strike, Decimal):
        return FoundOption(_at(ladder, choice.strike, choice, expiry), None, None)
    return _by_offset(choice, choice.strike, ladder, exchange, expiry)


def _by_offset(
    choice: OptionChoice,
    offset: StrikeOffset,
    ladder: dict[Decimal, Instrument],
    exchange: Exchange,
    expiry: date,
) -> FoundOption:
    quote = _reference_quote(choice, exchange, expiry)
    strike = strike_chosen(offset, list(ladder), price=quote.ltp, right=choice.right)
    if strike is None:
        raise NotFound(
            f"The strikes of {choice.underlying} {expiry:%d %b %Y} end before {offset}.", code="no_such_strike"
        )
    return FoundOption(ladder[strike], quote.key, quote.ltp)


def _at(ladder: dict[Decimal, Instrument], strike: Decimal, choice: OptionChoice, expiry: date) -> Instrument:
    found = ladder.get(strike)
    if found is None:
        raise NotFound(
            f"{choice.underlying} {expiry:%d %b %Y} lists no strike of {strike.normalize():f}.",
            code="no_such_strike",
        )
    return found


def _exchange(name: str) -> Exchange:
    if name not in CASH_EXCHANGE:
        message = "Options are listed on NFO and BFO."
        raise InvalidInput(message, code="no_options_there", errors={"exchange": [message]})
    return Exchange(name)


def _first_live_day(at: datetime) -> date:
    """Today, or tomorrow once today's session is over: what expires today has then expired."""
    today = clock.trading_date(at)
    if market_never_closes():
        return today
    try:
        windows = session_windows(Segment.EQUITY_DERIVATIVES, today)
    except CalendarUnknown:
        return today
    return today + timedelta(days=1) if windows and at >= windows[-1].ends else today


def _reference_quote(choice: OptionChoice, exchange: Exchange, expiry: date) -> Quote:
    """The fresh quote that the ladder is measured against."""
    keys = []
    if choice.reference is not Reference.FUTURE:
        keys.append(_cash_key(choice.underlying, exchange))
    if choice.reference is not Reference.UNDERLYING:
        keys.append(_future_key(choice.underlying, exchange, expiry))
    for key in keys:
        quote = quote_latest(key) if key else None
        if quote is not None and quote.ltp > 0 and is_fresh(quote):
            return quote
    raise Unprocessable(
        f"There is no fresh price of {choice.underlying} to count strikes from.", code="no_underlying_price"
    )


def _cash_key(underlying: str, exchange: Exchange) -> str | None:
    try:
        return instrument_get(f"{CASH_EXCHANGE[exchange]}:{underlying}").key
    except NotFound:
        return None


def _future_key(underlying: str, exchange: Exchange, expiry: date) -> str | None:
    """The future that expires with the option, or next after it."""
    futures = instruments_listed().filter(
        exchange=exchange, underlying=underlying, instrument_type=InstrumentType.FUTURE, expiry__gte=expiry
    )
    found: str | None = futures.order_by("expiry").values_list("key", flat=True).first()
    return found
