"""Keeping option chains minute by minute."""

from decimal import Decimal

from django.db import transaction

from trading.instruments.models import Instrument

from ..domain.options.chain import OptionChain, OptionLeg
from ..models import OptionMinute
from ..models.option import FROM_FEED

_BATCH = 500


@transaction.atomic
def option_minutes_write(*, chain: OptionChain) -> int:
    """Keep a chain as the minute that ends at its moment; returns how many contracts had something fresh to say.

    Idempotent: a minute that is stored already stays as it is. Stale legs are left out, so that history never takes
    an old price for a new one.
    """
    fresh = [leg for leg in chain.legs if not leg.quote.stale]
    ids = dict(Instrument.objects.filter(key__in=[leg.quote.key for leg in fresh]).values_list("key", "pk"))
    rows = [_row(chain, leg, ids[leg.quote.key]) for leg in fresh if leg.quote.key in ids]
    OptionMinute.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
    return len(rows)


def _row(chain: OptionChain, leg: OptionLeg, instrument_id: int) -> OptionMinute:
    quote = leg.quote
    return OptionMinute(
        instrument_id=instrument_id,
        at=chain.at,
        ltp=quote.ltp,
        bid=quote.bid,
        ask=quote.ask,
        bid_quantity=quote.bid_quantity,
        ask_quantity=quote.ask_quantity,
        volume=quote.volume,
        oi=quote.oi,
        previous_oi=quote.previous_oi,
        iv=leg.iv,
        forward=None if chain.forward is None else Decimal(f"{chain.forward:.4f}"),
        spot=chain.market.spot,
        source=FROM_FEED,
    )
