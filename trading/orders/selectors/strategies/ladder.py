"""The strikes around the money, to choose legs from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trading.marketdata.domain.options.chain import ChainRow, OptionChain
from trading.marketdata.selectors.options import chain_latest

ROWS_EACH_SIDE = 16


@dataclass(frozen=True, slots=True)
class Ladder:
    """A chain's rows near the money, ascending; `more` strikes lie outside."""

    chain: OptionChain
    rows: tuple[ChainRow, ...]
    more: int

    @property
    def spot(self) -> Decimal | None:
        return self.chain.market.spot


def strike_ladder(exchange: str, underlying: str, expiry: date, *, whole: bool = False) -> Ladder:
    """Up to 16 strikes each side of the money, or the `whole` chain; raises what `chain_latest` raises."""
    chain = chain_latest(f"{exchange}:{underlying}", expiry)
    if whole:
        return Ladder(chain, chain.rows, 0)
    strikes = [row.strike for row in chain.rows]
    middle = strikes.index(chain.atm_strike) if chain.atm_strike in strikes else len(strikes) // 2
    rows = chain.rows[max(middle - ROWS_EACH_SIDE, 0) : middle + ROWS_EACH_SIDE + 1]
    return Ladder(chain, rows, len(strikes) - len(rows))
