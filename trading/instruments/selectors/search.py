"""The type-ahead over the whole master: names from memory, contracts from indexed rows, best first."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain

from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import ExtractMonth, Length

from core.cache import Cache

from ..domain.keys import Right
from ..domain.name_index import Named, NameIndex
from ..domain.search_query import SearchQuery
from ..models import Instrument, InstrumentType
from ..process_cache import REFERENCE
from .instruments import instruments_listed

LIMIT = 20
LARGEST_LIMIT = 100
_SHORTEST_NAME_PART = 3
_MOST_UNDERLYINGS = 8
# Candidates looked at when they are filtered further; far more than anybody pages through.
_MOST_CANDIDATES = 1000
_TYPE_RANK = {kind: rank for rank, kind in enumerate(InstrumentType.values)}

# A change of the master is told over the bus; the time only bounds what a lost bell costs.
_index: Cache[str, NameIndex] = Cache("instruments.names", seconds=600, group=REFERENCE)

Step = Callable[[int], list[Instrument]]


def instrument_search(
    text: str,
    *,
    limit: int = LIMIT,
    on: date | None = None,
    narrowed: Q | None = None,
) -> list[Instrument]:
    """At most `limit` instruments listed on a date (default: today) for the words typed, best first.

    The exact symbol comes first, then symbols that begin so, names that contain the words, futures and options
    of the nearest expiry. Where none of these is found, names that resemble the words are.
    `narrowed` is a further condition on every result.
    """
    query = SearchQuery.parse(text)
    if not query.words:
        return []
    listed = instruments_listed(on)
    if query.exchange:
        listed = listed.filter(exchange=query.exchange)
    if narrowed is not None:
        listed = listed.filter(narrowed)
    index = name_index()

    def named(ids: list[int], wanted: int) -> list[Instrument]:
        kept = index.on_exchange(ids, query.exchange) if query.exchange else ids
        return _in_order(kept, listed, wanted, is_narrowed=narrowed is not None)

    def cash(wanted: int) -> list[Instrument]:
        return named(_cash_ids(query, index), wanted)

    wanted = min(limit, LARGEST_LIMIT)
    contracts = _contract_steps(query, index, listed.exclude(underlying=""))
    found = _first(wanted, chain(contracts, [cash]) if query.wants_contract else chain([cash], contracts))
    if not found and len(query.symbol) > _SHORTEST_NAME_PART:
        return named(index.resembling(query.words), wanted)
    return found


def _first(wanted: int, steps: Iterable[Step]) -> list[Instrument]:
    found: dict[int, Instrument] = {}
    for step in steps:
        # A step may repeat what earlier ones found, so that many rows suffice to fill up with new ones.
        for instrument in step(wanted):
            found.setdefault(instrument.pk, instrument)
        if len(found) >= wanted:
            break
    return list(found.values())[:wanted]


def name_index() -> NameIndex:
    """The names of this installation's master, as this process remembers them."""
    return _index.get("", _load)


def _load() -> NameIndex:
    cash = Instrument.objects.filter(underlying="", is_active=True)
    rows = cash.values_list("id", "exchange", "symbol", "name", "instrument_type", "has_derivatives")
    contracts = Instrument.objects.exclude(underlying="").order_by()
    return NameIndex(
        (Named(pk, exchange, symbol, name, _TYPE_RANK[kind], derived) for pk, exchange, symbol, name, kind, derived
         in rows.iterator(chunk_size=5000)),
        contracts.values_list("underlying", flat=True).distinct(),
    )  # fmt: skip


def _cash_ids(query: SearchQuery, index: NameIndex) -> list[int]:
    """Exact symbols, symbols that begin so, names that hold the words: each once."""
    ids = [*index.exact(query.symbol), *index.beginning(query.symbol)]
    if len(query.symbol) >= _SHORTEST_NAME_PART:
        ids += index.named(query.words)
    return list(dict.fromkeys(ids))


def _in_order(ids: list[int], listed: QuerySet[Instrument], wanted: int, *, is_narrowed: bool) -> list[Instrument]:
    """The first of these instruments that are still listed, in the order of the ids."""
    ids = ids[: _MOST_CANDIDATES if is_narrowed else wanted]
    rows = {instrument.pk: instrument for instrument in listed.filter(pk__in=ids).order_by()}
    return [rows[pk] for pk in ids if pk in rows][:wanted]


def _contract_steps(query: SearchQuery, index: NameIndex, contracts: QuerySet[Instrument]) -> Iterator[Step]:
    if query.month:
        contracts = contracts.annotate(month=ExtractMonth("expiry")).filter(month=query.month)
    underlyings = index.underlyings(query.symbol, query.words, _MOST_UNDERLYINGS)
    exact = [underlying for underlying in underlyings if underlying == query.symbol]
    for group in filter(None, (exact, [underlying for underlying in underlyings if underlying not in exact])):
        on_them = contracts.filter(underlying__in=group)
        if query.strike is None and query.right in (None, Right.FUTURE):
            futures = on_them.filter(instrument_type=InstrumentType.FUTURE)
            yield _rows(futures.order_by("expiry", "underlying"))
        if query.right is not Right.FUTURE:
            yield _rows(_options(query, on_them))
    if any(character.isdigit() for character in query.symbol):
        spelt = contracts.filter(_begins("symbol", query.symbol))
        yield _rows(spelt.order_by("expiry", Length("symbol"), "symbol"))


def _rows(matches: QuerySet[Instrument]) -> Step:
    return lambda wanted: list(matches[:wanted])


def _options(query: SearchQuery, contracts: QuerySet[Instrument]) -> QuerySet[Instrument]:
    kinds = [query.right.value] if query.right else [InstrumentType.CALL, InstrumentType.PUT]
    contracts = contracts.filter(instrument_type__in=kinds)
    ranges = query.strike_ranges()
    if ranges:
        condition = Q()
        for lowest, end in ranges:
            condition |= Q(strike__gte=lowest, strike__lt=end)
        contracts = contracts.filter(condition)
    exact: Case | Value = Value(0)
    if ranges:
        exact = Case(When(strike=ranges[0][0], then=0), default=1, output_field=IntegerField())
    return contracts.order_by("expiry", exact, "underlying", "strike", "instrument_type")


def _begins(field: str, prefix: str) -> Q:
    """A prefix condition that an index answers: LIKE by pattern on PostgreSQL, a range on SQLite's byte order."""
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": prefix})
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + "\U0010ffff"})
