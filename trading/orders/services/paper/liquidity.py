"""What paper orders of all accounts share of a market: one row an instrument, locked after the account.

The rules are `domain/liquidity.py` and `domain/tape.py`; here their state is kept, so that two processes never
give the same units away. Whoever takes from several instruments in one transaction locks their rows first
(`liquidity_lock`), or two such transactions could wait for each other.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache

from django.db import connection, transaction

from core import clock
from core.db import writes
from core.db.pipeline import Statement
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.liquidity import Snapshot, Taken
from trading.orders.domain.tape import Flow, Tape, Waiting, advance
from trading.orders.domain.terms import MatchingTerms
from trading.orders.models import PaperBook

# The rule of `domain.liquidity.take`, for a taker of {taken}; the other side is {other}.
_TAKE = """
INSERT INTO orders_paperbook AS book (instrument_id, snapshot_us, sequence, received_us, {taken}, {other},
    taken_before, tape_us, tape_sequence, tape_received_us, volume, tape)
VALUES (%s, %s, %s, %s, {least}(CAST(%s AS bigint), %s), 0, 0, 0, 0, 0, 0, '{{}}')
ON CONFLICT (instrument_id) DO UPDATE SET
    taken_before = CASE WHEN {same} THEN book.{taken} ELSE 0 END,
    {taken} = CASE WHEN {same} THEN {most}(book.{taken}, {least}(book.{taken} + %s, %s))
        WHEN {late} THEN book.{taken} ELSE {least}(CAST(%s AS bigint), %s) END,
    {other} = CASE WHEN {same} OR {late} THEN book.{other} ELSE 0 END,
    snapshot_us = CASE WHEN {same} OR {late} THEN book.snapshot_us ELSE excluded.snapshot_us END,
    sequence = CASE WHEN {same} OR {late} THEN book.sequence ELSE excluded.sequence END,
    received_us = CASE WHEN {same} OR {late} THEN book.received_us ELSE excluded.received_us END
RETURNING taken_before, {taken}, snapshot_us, sequence
"""


def snapshot_of(quote: Quote) -> Snapshot:
    """The name of a quote's snapshot."""
    return Snapshot.of(quote.timestamp, quote.sequence, quote.received_at)


def liquidity_take(
    instrument: Instrument, quote: Quote, side: Side, *, wanted: int, reachable: int
) -> Taken | None:
    """Set aside displayed units of a snapshot for one order, in one statement; see `domain.liquidity.take`.

    None when the snapshot is not the newest any more. The caller holds the account lock, inside a transaction
    that also writes what came of it.
    """
    snapshot = snapshot_of(quote)
    named = [instrument.pk, snapshot.exchange_us, snapshot.sequence, snapshot.received_us]
    statement = Statement(_statement(side, connection.vendor), [*named, *[wanted, reachable] * 3])
    (answer,) = writes.sent_with([statement])
    start, taken, exchange_us, sequence = answer[0]
    if (exchange_us, sequence) != (snapshot.exchange_us, snapshot.sequence):
        return None
    return Taken(start, taken - start)


@cache
def _statement(side: Side, vendor: str) -> str:
    taken, other = ("ask_taken", "bid_taken") if side is Side.BUY else ("bid_taken", "ask_taken")
    least, most = ("LEAST", "GREATEST") if vendor == "postgresql" else ("MIN", "MAX")
    same = "(book.snapshot_us = excluded.snapshot_us AND book.sequence = excluded.sequence)"
    late = "(book.received_us > excluded.received_us)"
    return _TAKE.format(taken=taken, other=other, least=least, most=most, same=same, late=late)


def liquidity_lock(instruments: Iterable[Instrument]) -> None:
    """Lock the rows of several instruments in their order, before any of them is taken from."""
    wanted = sorted({instrument.pk for instrument in instruments})
    if len(wanted) < 2:
        return
    PaperBook.objects.bulk_create([PaperBook(instrument_id=pk) for pk in wanted], ignore_conflicts=True)
    list(PaperBook.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))


def tape_flow(instrument: Instrument, quote: Quote, price: Decimal) -> Flow:
    """The flow at a price as it is counted now; unlocked, for an order that comes to rest."""
    book = PaperBook.objects.filter(pk=instrument.pk).first()
    if book is None or book.tape_on != clock.trading_date(quote.timestamp):
        return Flow()
    return tape_of(book).at(price, snapshot_of(quote))


def tape_read(instrument_ids: Iterable[int]) -> dict[int, Tape]:
    """The tapes of these instruments, as far as there are any."""
    return {book.pk: tape_of(book) for book in PaperBook.objects.filter(pk__in=list(instrument_ids))}


@transaction.atomic
def tape_advance(
    instrument_id: int,
    quote: Quote,
    *,
    volume_before: int,
    waiting: Sequence[Waiting],
    terms: MatchingTerms,
    lot_size: int,
) -> Tape:
    """Count what has traded up to this snapshot, once, whoever counts. In a transaction of its own."""
    book = _locked(instrument_id)
    before = tape_of(book)
    after = advance(
        before,
        on=clock.trading_date(quote.timestamp),
        snapshot=snapshot_of(quote),
        ltp=quote.ltp,
        volume=quote.volume,
        volume_before=volume_before,
        waiting=waiting,
        participation=terms.participation,
        lot_size=lot_size,
    )
    if after is not before:
        _tape_write(book, after)
    return after


def tape_spend(
    instrument_id: int, quote: Quote, price: Decimal, wanted: int, reached: Callable[[Flow], int]
) -> int:
    """Let one order have up to `wanted` units of the flow at a price; returns how many it got.

    `reached` tells from the flow how many are the order's to have; it is asked under the row's lock.
    """
    book = _locked(instrument_id)
    tape = tape_of(book)
    if tape.on != clock.trading_date(quote.timestamp):
        tape = Tape()
    units = min(wanted, reached(tape.at(price, snapshot_of(quote))))
    if units > 0:
        _tape_write(book, tape.spend(price, units))
    return max(units, 0)


def tape_of(book: PaperBook) -> Tape:
    """The row's tape as the rules take it."""
    return Tape(
        on=book.tape_on,
        snapshot=Snapshot(book.tape_us, book.tape_sequence, book.tape_received_us),
        volume=book.volume,
        flows={Decimal(price): Flow(free, fresh) for price, (free, fresh) in book.tape.items()},
    )


def _locked(instrument_id: int) -> PaperBook:
    PaperBook.objects.bulk_create([PaperBook(instrument_id=instrument_id)], ignore_conflicts=True)
    return PaperBook.objects.select_for_update().get(pk=instrument_id)


def _tape_write(book: PaperBook, tape: Tape) -> None:
    book.tape_on = tape.on
    book.tape_us = tape.snapshot.exchange_us
    book.tape_sequence = tape.snapshot.sequence
    book.tape_received_us = tape.snapshot.received_us
    book.volume = tape.volume
    book.tape = {str(price): [flow.free, flow.fresh] for price, flow in tape.flows.items() if flow != Flow()}
    book.save(update_fields=["tape_on", "tape_us", "tape_sequence", "tape_received_us", "volume", "tape"])
