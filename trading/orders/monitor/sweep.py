"""The net under the listener, once a second: what it missed, what is to be tried again, what is over."""

from uuid import UUID

from django.conf import settings

from core import clock
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.orders.selectors.triggers import DueLeg, due_legs, over_by, reached_legs, watched_keys
from trading.orders.services.triggers import (
    orphans_cancel,
    peaks_keep,
    reshaped_cancel,
    trigger_chase,
    trigger_expire,
    trigger_fire,
)
from trading.orders.services.triggers.fire import stuck_exits

from .book import books_of
from .firing import fire, guarded


def sweep_triggers() -> int:
    """Fire what the latest quotes cross and what is due again; returns how many legs were looked at closely.

    Needs a system scope.
    """
    at = clock.now()
    for trigger_id, account_id in over_by(clock.trading_date(at)):
        _expire(trigger_id, account_id)
    due = due_legs(at)
    quotes = _fresh({*watched_keys(), *(leg.key for leg in due)})
    books = books_of(reached_legs({key: quote.ltp for key, quote in quotes.items()}))
    looked = 0
    for key, book in books.items():
        crossings = book.look(quotes[key].ltp)
        for crossing in crossings:
            fire(crossing, quotes[key])
        looked += len(crossings)
    peaks_keep({leg_id: peak for book in books.values() for leg_id, peak in book.moved.items()})
    for leg in due:
        _retry(leg, quotes.get(leg.key))
    for order_id, account_id in stuck_exits(at):
        _chase(order_id, account_id)
    return looked + len(due)


def sweep_orphans() -> int:
    """Cancel what guards a position that is gone, or waits for a price of before a split; returns how many.

    Needs a system scope.
    """
    return orphans_cancel() + reshaped_cancel()


def _fresh(keys: set[str]) -> dict[str, Quote]:
    now = clock.wall_now()
    quotes = quotes_latest(keys) if keys else {}
    return {key: quote for key, quote in quotes.items() if not quote.is_stale(now, settings.QUOTE_STALE_AFTER)}


def _expire(trigger_id: UUID, account_id: UUID) -> None:
    guarded(
        lambda: trigger_expire(trigger_id=trigger_id, account_id=account_id),
        "trigger could not be ended",
        trigger_id,
    )


def _retry(leg: DueLeg, quote: Quote | None) -> None:
    guarded(
        lambda: trigger_fire(leg_id=leg.leg_id, account_id=leg.account_id, quote=quote),
        "refused exit could not be tried again",
        leg.leg_id,
    )


def _chase(order_id: UUID, account_id: UUID) -> None:
    guarded(
        lambda: trigger_chase(order_id=order_id, account_id=account_id),
        "exit could not be priced again",
        order_id,
    )
