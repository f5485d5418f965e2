"""The market-wide circuit breaker: watched by whoever sees the index."""

import logging
from collections.abc import Mapping
from decimal import Decimal

from core import clock
from trading.instruments.domain.breakers import BREAKER_INDICES, breaker_halt
from trading.instruments.selectors import breaker_rules, halts_on
from trading.instruments.services import trading_halt
from trading.marketdata.domain.quote import Quote
from trading.orders.services.order.context import is_fresh

logger = logging.getLogger(__name__)

# No table has a level below this; most quotes are done with it.
LOWEST_PERCENT = Decimal(5)


def breaker_watch(quotes: Mapping[str, Quote]) -> bool:
    """Halt the market when one of these quotes is an index that has moved as far as a breaker's level.

    Returns whether it has. Two processes that see it at once halt it once.
    """
    halted = False
    for key in BREAKER_INDICES:
        quote = quotes.get(key)
        if quote is not None and quote.close > 0 and is_fresh(quote):
            halted = _watch(quote) or halted
    return halted


def _watch(quote: Quote) -> bool:
    move = quote.change * 100 / quote.close
    if abs(move) < LOWEST_PERCENT:
        return False
    halts = halts_on(clock.trading_date(quote.timestamp))
    halt = breaker_halt(
        breaker_rules(),
        move_percent=move,
        at=quote.timestamp,
        halted=[known.level for known in halts if known.level is not None],
    )
    if halt is None:
        return False
    way = "fell" if move < 0 else "rose"
    reason = f"{quote.key.rpartition(':')[2]} {way} by {abs(move):.1f} %, past the breaker at {halt.level:f} %"
    trading_halt(starts_at=halt.starts_at, ends_at=halt.ends_at, reason=reason, level=halt.level)
    logger.warning("market halted", extra={"level": str(halt.level), "until": halt.ends_at.isoformat()})
    return True
