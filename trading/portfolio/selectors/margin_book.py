"""An account's futures and options on one underlying at the latest prices, ready to be asked what they require."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core import clock
from core.db.prepared import Prepared
from trading.portfolio.domain.span import Underlying, risk_arrays
from trading.portfolio.domain.span.book import HeldContract, Marginable, MarginBook, risk_contract
from trading.portfolio.models import Position
from trading.portfolio.selectors.span import quotes_or_none, related, span_parameters, underlying_from

_open_contracts = Prepared(
    lambda account_id, underlying: (
        Position.objects.filter(account_id=account_id, instrument__underlying=underlying)
        .exclude(quantity=0)
        .select_related("instrument")
        .order_by("id")
    ),
    account_id=UUID,
    underlying=str,
)


def held_contracts(account_id: UUID, underlying: str) -> list[HeldContract]:
    """An account's open futures and options on an underlying: one query."""
    return [
        HeldContract(row.instrument, row.product, row.strategy, row.quantity, row.open_value_paise)
        for row in _open_contracts(account_id=account_id, underlying=underlying)
    ]


def margin_book(instruments: Iterable[Marginable], *, at: datetime, last_resort: float | None = None) -> MarginBook:
    """Risk arrays of contracts on one underlying at market time `at`: one round trip to the quote store.

    `last_resort` is a price of the underlying for where none is known. Raises InvalidInput (`rates_unknown`)
    without parameters.
    """
    unique = list({each.key: each for each in instruments}.values())
    first = unique[0]
    day = clock.trading_date(at)
    known = related(first.exchange, first.underlying, day)
    keys = [each.key for each in unique]
    quotes = quotes_or_none([*keys, known.cash_key, *(key for key, _ in known.futures)])
    underlying = underlying_from(known, quotes)
    if underlying is None and last_resort is not None:
        underlying = Underlying(last_resort)
    rows = {each.key: row for row, each in enumerate(unique)}
    if underlying is None:
        return MarginBook(None, rows, None)
    parameters = span_parameters(exchange=first.exchange, underlying=first.underlying, day=day)
    prices = {key: quote.ltp for key, quote in quotes.items()}
    contracts = [risk_contract(each, prices.get(each.key), at) for each in unique]
    return MarginBook(risk_arrays(contracts, underlying, parameters, today=day), rows, underlying.price)
