"""The type-ahead over the whole master. Cheap, indexed steps in order of rank, until enough is found."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from django.db import connection
from django.db.models import BooleanField, Case, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import ExtractMonth, Length, Upper

from ..domain.keys import Right
from ..domain.search_query import SearchQuery
from ..models import Instrument, InstrumentType
from .instruments import instruments_listed

LIMIT = 20
LARGEST_LIMIT = 100
_SHORTEST_NAME_PART = 3
_TYPE_RANK = Case(
    *(When(instrument_type=kind, then=rank) for rank, kind in enumerate(InstrumentType.values)),
    output_field=IntegerField(),
)


class _Resembles(Func):
    """PostgreSQL's word similarity above its threshold, which the trigram index answers."""

    template = "%(expressions)s"
    arg_joiner = " <%% "
    output_field = BooleanField()


def instrument_search(
    text: str,
    *,
    limit: int = LIMIT,
    on: date | None = None,
    narrowed: Q | None = None,
) -> list[Instrument]:
    """At most `limit` instruments listed on a date (default: today) for the words typed, best first.

    The exact symbol comes first, then symbols that begin so, names that contain the words, futures and options
    of the nearest expiry. Where none of these is found, trigrams find names that resemble the words.
    `narrowed` is a further condition on every result.
    """
    query = SearchQuery.parse(text)
    if not query.words:
        return []
    listed = instruments_listed(on)
    if narrowed is not None:
        listed = listed.filter(narrowed)
    if query.exchange:
        listed = listed.filter(exchange=query.exchange)
    wanted = min(limit, LARGEST_LIMIT)
    found: dict[int, Instrument] = {}
    for step in _steps(query, listed):
        # A step may repeat what earlier ones found, so that many rows suffice to fill up with new ones.
        for instrument in step[:wanted]:
            found.setdefault(instrument.pk, instrument)
        if len(found) >= wanted:
            break
    if not found and len(query.symbol) > _SHORTEST_NAME_PART and has_trigrams():
        return list(_resembling(query, listed)[:wanted])
    return list(found.values())[:wanted]


def _resembling(query: SearchQuery, listed: QuerySet[Instrument]) -> QuerySet[Instrument]:
    """Names like the words typed, for when nothing holds them as they stand."""
    words = Value(" ".join(query.words))
    alike = listed.filter(_Resembles(words, Upper("name")), underlying="")
    return alike.order_by(_TYPE_RANK, Length("name"), "symbol")


@cache
def has_trigrams() -> bool:
    """Whether the database can find names in spite of typing errors (PostgreSQL with pg_trgm)."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])


def _steps(query: SearchQuery, listed: QuerySet[Instrument]) -> Iterator[QuerySet[Instrument]]:
    cash = listed.filter(underlying="")
    contracts = listed.exclude(underlying="")
    if query.wants_contract:
        yield from _contract_steps(query, contracts)
    yield cash.filter(symbol=query.symbol).order_by(_TYPE_RANK, "-exchange")
    yield cash.filter(_begins("symbol", query.symbol)).order_by(
        _TYPE_RANK, "-has_derivatives", Length("symbol"), "symbol", "-exchange"
    )
    if len(query.symbol) >= _SHORTEST_NAME_PART:
        yield _named(cash, query)
    if not query.wants_contract:
        yield from _contract_steps(query, contracts)


def _named(cash: QuerySet[Instrument], query: SearchQuery) -> QuerySet[Instrument]:
    """Names that hold every word; a name that begins with the first word before the others."""
    for word in query.words:
        cash = cash.filter(name__icontains=word)
    begins = Case(When(name__istartswith=query.words[0], then=0), default=1, output_field=IntegerField())
    return cash.order_by(_TYPE_RANK, "-has_derivatives", begins, Length("symbol"), "symbol", "-exchange")


def _contract_steps(query: SearchQuery, contracts: QuerySet[Instrument]) -> Iterator[QuerySet[Instrument]]:
    if query.month:
        contracts = contracts.annotate(month=ExtractMonth("expiry")).filter(month=query.month)
    for underlying in (Q(underlying=query.symbol), _begins("underlying", query.symbol)):
        if query.strike is None and query.right in (None, Right.FUTURE):
            futures = contracts.filter(underlying, instrument_type=InstrumentType.FUTURE)
            yield futures.order_by("expiry", "underlying")
        if query.right is not Right.FUTURE:
            yield _options(query, contracts.filter(underlying))
    if any(character.isdigit() for character in query.symbol):
        yield contracts.filter(_begins("symbol", query.symbol)).order_by("expiry", Length("symbol"), "symbol")


def _options(query: SearchQuery, contracts: QuerySet[Instrument]) -> QuerySet[Instrument]:
    kinds = [query.right.value] if query.right else [InstrumentType.CALL, InstrumentType.PUT]
    contracts = contracts.filter(instrument_type__in=kinds)
    ranges = query.strike_ranges()
    if ranges:
        condition = Q()
        for lowest, end in ranges:
            condition |= Q(strike__gte=lowest, strike__lt=end)
        contracts = contracts.filter(condition)
    exact = Case(When(strike=ranges[0][0], then=0), default=1) if ranges else Value(0)
    return contracts.order_by("expiry", exact, "underlying", "strike", "instrument_type")


def _begins(field: str, prefix: str) -> Q:
    """A prefix condition that an index answers: LIKE by pattern on PostgreSQL, a range on SQLite's byte order."""
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": prefix})
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})
