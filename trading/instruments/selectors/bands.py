"""The price band of an instrument. Each process remembers the rules; a change in the admin is told to all."""

from datetime import date
from decimal import Decimal

from core.cache import Cache

from ..domain.bands import BandTerms, PriceBand, price_band
from ..models import OPTION_TYPES, BandRule, Instrument, InstrumentType
from ..process_cache import REFERENCE
from .sessions import CACHE_SECONDS, segment_for

Subject = int | str
_NO_BAND = BandTerms(None)

_rules: Cache[str, dict[Subject, list[tuple[date, BandTerms]]]] = Cache(
    "instruments.bands", seconds=CACHE_SECONDS, group=REFERENCE
)


def band_terms(instrument: Instrument, on: date) -> BandTerms:
    """The rule for an instrument on a date: its own, else its segment's. Options and indices have none."""
    if instrument.instrument_type in (*OPTION_TYPES, InstrumentType.INDEX):
        return _NO_BAND
    rules = _rules.get("all", _load)
    subjects: tuple[Subject, ...] = (instrument.pk, segment_for(instrument).value)
    for subject in subjects:
        for valid_from, terms in rules.get(subject, ()):
            if valid_from <= on:
                return terms
    return _NO_BAND


def band_for(
    instrument: Instrument, on: date, *, previous_close: Decimal, day_low: Decimal, day_high: Decimal
) -> PriceBand | None:
    """The band in which an instrument trades on a date, from its quote's prices (rupees)."""
    return price_band(
        band_terms(instrument, on),
        previous_close=previous_close,
        day_low=day_low,
        day_high=day_high,
        tick_size=instrument.tick_size,
    )


def _load() -> dict[Subject, list[tuple[date, BandTerms]]]:
    """By instrument id or segment, the latest first."""
    found: dict[Subject, list[tuple[date, BandTerms]]] = {}
    for rule in BandRule.objects.order_by("-valid_from"):
        found.setdefault(rule.instrument_id or rule.segment, []).append((rule.valid_from, rule.domain))
    return found
