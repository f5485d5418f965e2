"""The equity curve, made at the end from the moves of positions: nothing is valued while the run is on."""

from collections.abc import Mapping, Sequence

import numpy as np

from trading.marketdata.domain.bars import PRICE_SCALE, Int64Array

from .account import Move

_PER_PAISA = PRICE_SCALE // 100


def equity_curve(
    times: Int64Array,
    closes: Mapping[str, tuple[Int64Array, Int64Array]],
    moves: Sequence[Move],
    capital_paise: int,
) -> tuple[Int64Array, float]:
    """Equity in paise at each instant, and the share of instants at which something was held.

    `closes` has for each instrument the instants (Unix seconds, ascending) at which a price became known, and the
    prices in ten-thousandths. What happens at an instant belongs to the next one, after the last to the last.
    """
    equity = np.full(len(times), capital_paise, dtype=np.int64)
    is_held = np.zeros(len(times), dtype=bool)
    if not len(times):
        return equity, 0.0
    when = np.array([move.at for move in moves], dtype=np.float64)
    # A trade at the very end of a bar is one at the first snapshot of the next.
    place = np.minimum(np.searchsorted(times, when, side="right"), len(times) - 1)
    _add_from(equity, place, np.array([move.cash_paise for move in moves], dtype=np.int64))
    for symbol in dict.fromkeys(move.symbol for move in moves):
        own = [number for number, move in enumerate(moves) if move.symbol == symbol]
        units = np.zeros(len(times), dtype=np.int64)
        _add_from(units, place[own], np.array([moves[number].quantity for number in own], dtype=np.int64))
        is_held |= units != 0
        known, prices = closes.get(symbol, (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)))
        if not len(known):
            continue
        at = np.clip(np.searchsorted(known, times, side="right") - 1, 0, None)
        worth = units * prices[at]
        equity += np.sign(worth) * ((np.abs(worth) + _PER_PAISA // 2) // _PER_PAISA)
    return equity, float(is_held.mean())


def _add_from(values: Int64Array, place: Int64Array, amounts: Int64Array) -> None:
    """Add each amount to all values from its place on."""
    steps = np.zeros(len(values), dtype=np.int64)
    np.add.at(steps, place, amounts)
    values += np.cumsum(steps)
