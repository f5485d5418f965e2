"""Instruments by key, by broker token and by attribute."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from core.cache import Cache
from core.clock import trading_date
from core.errors import NotFound

from ..domain.keys import InstrumentKey, MalformedKey
from ..models import BrokerToken, Instrument, Source
from ..process_cache import REFERENCE

_by_key: Cache[str, Instrument] = Cache("instruments.by_key", seconds=60, group=REFERENCE)


def instrument_get(key: str) -> Instrument:
    """The instrument of a key in any accepted spelling; raises NotFound with code ``unknown_symbol``.

    Answers from this process's cache after the first call, so treat the object as read-only.
    """
    try:
        canonical = str(InstrumentKey.parse(key))
    except MalformedKey as error:
        raise NotFound(str(error), code="unknown_symbol") from error
    return _by_key.get(canonical, lambda: _load(canonical))


def _load(canonical: str) -> Instrument:
    try:
        return Instrument.objects.get(key=canonical)
    except Instrument.DoesNotExist as error:
        raise NotFound(f"There is no instrument {canonical}.", code="unknown_symbol") from error


def instruments_by_key(keys: Iterable[str]) -> dict[str, Instrument]:
    """The instruments of canonical keys; unknown keys are absent from the answer."""
    return {instrument.key: instrument for instrument in Instrument.objects.filter(key__in=set(keys))}


def instruments_listed(on: date | None = None) -> QuerySet[Instrument]:
    """Instruments that can be looked at on an exchange date (default: today): active, contracts not expired."""
    day = on or trading_date()
    return Instrument.objects.filter(Q(expiry=None) | Q(expiry__gte=day), is_active=True)


def instrument_for_token(source: Source, token: str, on: date) -> Instrument:
    """What a broker's token meant on a date; raises NotFound with code ``unknown_token``."""
    found = (
        BrokerToken.objects.filter(source=source, token=token, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .filter(Q(instrument__expiry=None) | Q(instrument__expiry__gte=on))
        .select_related("instrument")
        .order_by("-valid_from")
        .first()
    )
    if found is None:
        raise NotFound(f"{source} had no instrument {token} on {on}.", code="unknown_token")
    return found.instrument
