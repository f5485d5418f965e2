"""Quotes, in the protocol's words."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from core.errors import NotFound
from trading.instruments.models import Instrument

from ...domain.quote import Quote
from ...selectors import quotes_latest, udf
from ...serializers.udf import UdfQuotesQuery
from .door import UdfView, answer, query_of


class QuotesView(UdfView):
    """`/quotes`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The latest quotes, in the order asked for; an unknown or silent symbol has an error of its own."""
        names: list[str] = query_of(request, UdfQuotesQuery)["symbols"]
        known: dict[str, Instrument] = {}
        for name in names:
            try:
                known[name] = udf.symbol_of(name)
            except NotFound:
                continue
        quotes = quotes_latest(instrument.key for instrument in known.values())
        return answer({"s": "ok", "d": [_entry(name, known.get(name), quotes) for name in names]})


def _entry(name: str, instrument: Instrument | None, quotes: dict[str, Quote]) -> dict[str, Any]:
    if instrument is None:
        return {"s": "error", "n": name, "errmsg": "unknown symbol", "v": {}}
    quote = quotes.get(instrument.key)
    if quote is None:
        return {"s": "error", "n": name, "errmsg": "no quote yet", "v": {}}
    return {"s": "ok", "n": name, "v": _values(instrument, quote)}


def _values(instrument: Instrument, quote: Quote) -> dict[str, Any]:
    values: dict[str, Any] = {
        "lp": float(quote.ltp),
        "ch": float(quote.change),
        "chp": float(quote.change_pct),
        "open_price": float(quote.open),
        "high_price": float(quote.high),
        "low_price": float(quote.low),
        "prev_close_price": float(quote.close),
        "volume": quote.volume,
        "short_name": instrument.symbol,
        "exchange": instrument.exchange,
        "description": instrument.name,
        "original_name": instrument.key,
    }
    if quote.bid is not None:
        values["bid"] = float(quote.bid)
    if quote.ask is not None:
        values["ask"] = float(quote.ask)
    if quote.bid is not None and quote.ask is not None:
        values["spread"] = float(quote.ask - quote.bid)
    return values
