"""The simulated market as a live source of ticks."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from core import clock
from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.domain.tick import Tick
from trading.marketdata.domain.tick_checks import TickTolerances

from .market import DEPTH_LEVELS, Depth, SimulatedMarket
from .universe import IntArray, Universe

SOURCE = "simulated"
STEP_SECONDS = 0.25
_REFRESH_STEPS = 12
"""Every instrument is told at least this often, so that a quiet one is not taken for a stale one."""


class SimulatedFeed:
    """Steps the market four times a second of real time, around the clock.

    `volumes` are today's units so far by key. The same seed, universe and number of steps give the same prices;
    only the timestamps follow the clock.
    """

    source = SOURCE
    tolerances = TickTolerances(spike=Decimal(2))

    def __init__(self, universe: Universe, *, seed: int, volumes: Mapping[str, int] | None = None) -> None:
        self._universe = universe
        self._market = SimulatedMarket(universe, seed)
        self._volumes = np.array([(volumes or {}).get(key, 0) for key in universe.keys], dtype=np.int64)
        self._ticks = [each.tick_size for each in universe.instruments]
        self._told_at_step: IntArray = np.full(len(universe), -_REFRESH_STEPS, dtype=np.int64)
        self._steps = 0
        self._next_step = 0.0
        self._day: int | None = None

    def open(self) -> None:
        """Begin the day where its candles so far have left it; opened again, go on."""
        if self._day is None:
            self._market.start_day(self._volumes)
            self._day = clock.trading_date().toordinal()
        self._next_step = time.monotonic()

    def resubscribe(self) -> None:
        """There is nobody to ask: go on from now."""
        self._next_step = time.monotonic()

    def read(self, timeout: float) -> Sequence[Tick]:
        """Wait for the next step, at most `timeout` seconds, and tell what it moved."""
        wait = self._next_step - time.monotonic()
        if wait > timeout:
            time.sleep(timeout)
            return []
        if wait > 0:
            time.sleep(wait)
        # After a pause of the process the market goes on from now; it does not race to catch up.
        self._next_step = max(self._next_step + STEP_SECONDS, time.monotonic())
        return self.step(clock.now())

    def step(self, at: datetime) -> Sequence[Tick]:
        """One step of the market at a moment, as ticks."""
        day = clock.trading_date(at).toordinal()
        if self._day is not None and day != self._day:
            self._market.start_day()
        self._day = day
        self._market.step(at.timestamp(), STEP_SECONDS)
        depth = self._market.depth()
        self._steps += 1
        told = np.union1d(self._market.traded, np.flatnonzero(self._steps - self._told_at_step >= _REFRESH_STEPS))
        self._told_at_step[told] = self._steps
        return [self._tick(row, depth, at) for row in told.tolist()]

    def expects_ticks(self) -> bool:
        """Always: a simulated market does not close."""
        return True

    def close(self) -> None:
        """Nothing is held."""

    def _tick(self, row: int, depth: Depth, at: datetime) -> Tick:
        size = self._ticks[row]
        return Tick(
            key=self._universe.keys[row],
            price=int(self._market.last[row]) * size,
            timestamp=at,
            volume=int(self._market.volume[row]),
            oi=int(self._market.oi[row]),
            bids=_levels(depth.bid_price[row], depth.bid_quantity[row], size),
            asks=_levels(depth.ask_price[row], depth.ask_quantity[row], size),
        )


def _levels(prices: IntArray, quantities: IntArray, tick_size: Decimal) -> tuple[DepthLevel, ...]:
    pairs = zip(prices.tolist(), quantities.tolist(), range(DEPTH_LEVELS), strict=True)
    return tuple(
        DepthLevel(price * tick_size, quantity, 1 + quantity % (3 + level))
        for price, quantity, level in pairs
        if price > 0 and quantity > 0
    )
