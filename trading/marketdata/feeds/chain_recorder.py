"""Option chains minute by minute: what candles do not hold (book, volatility, forward) is kept by the feed process.

A listener to the stream: it remembers the latest quote of each contract and of what tells its price, and writes one
row a contract when the market's minute has turned. It runs on a thread of its own, so a slow write holds up neither
feed nor sockets; what changes in the meantime belongs to the next minute.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError

from core import clock
from core.errors import NotFound
from trading.marketdata.domain.options.chain import OptionChain
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors.options import chain_contracts, chain_of_quotes, living_chains
from trading.marketdata.services.option_minutes import option_minutes_write

logger = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
# A replay tells what is stored already; it must not write a past day's chain anew.
_REPLAYS = frozenset({"replay"})


class ChainRecorder:
    """Named in `MARKET_LISTENERS`."""

    def __init__(self) -> None:
        self._quotes: dict[str, Quote] = {}
        self._minute: datetime | None = None

    def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
        """Remember these; when a minute has turned, write every chain as it stood before."""
        live = {key: quote for key, quote in quotes.items() if quote.source not in _REPLAYS}
        if not live:
            return
        # By what the market says, not by when we hear it: in a fast replay the clock is minutes further by then.
        latest = min(max(quote.timestamp for quote in live.values()), clock.now())
        minute = latest.replace(second=0, microsecond=0)
        if self._minute is not None and minute > self._minute:
            self._write(minute)
        self._minute = max(minute, self._minute or minute)
        self._quotes.update(live)

    def _write(self, at: datetime) -> None:
        """The chains at the end of the minute before `at`."""
        for underlying, expiry in living_chains(clock.trading_date(at)):
            try:
                contracts = chain_contracts(underlying, expiry)
            except NotFound:
                continue
            if not any(option.key in self._quotes for option in contracts.options):
                continue
            chain = chain_of_quotes(contracts, self._quotes, at=at, wall=clock.wall_now())
            self._keep(chain, at)

    @staticmethod
    def _keep(chain: OptionChain, at: datetime) -> None:
        # Outside the session the chain is that of the close, which is kept already.
        if chain.at != at:
            return
        try:
            option_minutes_write(chain=chain)
        except DatabaseError:
            logger.exception("chain not kept", extra={"underlying": chain.underlying, "expiry": str(chain.expiry)})
