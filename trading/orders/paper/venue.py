"""The market of an instrument as the paper exchange makes it; the rules are remembered by each process."""

from datetime import date

from core import clock
from core.cache import Cache
from trading.instruments.models import Instrument
from trading.instruments.process_cache import REFERENCE
from trading.instruments.selectors import band_for, segment_for
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.terms import PLAIN, MatchingTerms, Venue
from trading.orders.models import MatchingRule

KEEP_SECONDS = 30

_rules: Cache[str, dict[tuple[str, str], list[tuple[date, MatchingTerms]]]] = Cache(
    "orders.matching_rules", seconds=KEEP_SECONDS, group=REFERENCE
)


def matching_terms(instrument: Instrument, on: date) -> MatchingTerms:
    """How the instrument's market matches on a date; plainly where no rule is known."""
    rules = _rules.get("all", _load).get((instrument.exchange, segment_for(instrument).value), [])
    return next((terms for valid_from, terms in rules if valid_from <= on), PLAIN)


def venue_of(instrument: Instrument, quote: Quote | None, on: date | None = None) -> Venue:
    """The market as of a quote: without one there is no band, because there is nothing to measure it from."""
    day = on or clock.trading_date()
    band = None
    if quote is not None:
        band = band_for(instrument, day, previous_close=quote.close, day_low=quote.low, day_high=quote.high)
    return Venue(matching_terms(instrument, day), instrument.tick_size, instrument.lot_size, band)


def _load() -> dict[tuple[str, str], list[tuple[date, MatchingTerms]]]:
    """By exchange and segment, the latest first."""
    found: dict[tuple[str, str], list[tuple[date, MatchingTerms]]] = {}
    for rule in MatchingRule.objects.order_by("-valid_from"):
        found.setdefault((rule.exchange, rule.segment), []).append((rule.valid_from, rule.domain))
    return found
