"""The simulated market: one step moves every price, trade and order book at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.bars import DAY, IST_OFFSET
from trading.marketdata.domain.options.kernel import FloatArray

from .options import RISK_FREE_RATE, SECONDS_PER_YEAR, black76, smile
from .universe import IntArray, Universe

TRADING_DAY_SECONDS = 22_500.0
_OPEN_SECOND = 9.25 * 3600
DEPTH_LEVELS = 5

_MARKET_LOADING, _SECTOR_LOADING = 0.55, 0.35
_OWN_LOADING = (1.0 - _MARKET_LOADING**2 - _SECTOR_LOADING**2) ** 0.5
_PULL_TO_ANCHOR_PER_DAY = 0.02
_JUMPS_PER_DAY = 0.25
_JUMP_SIZE = 0.006
_CALM, _STRESSED = 0, 1
_REGIME_VOLATILITY = (0.85, 1.7)
_REGIME_VIX = (13.0, 22.0)
_REGIME_EXITS_PER_DAY = (0.25, 1.0)
_TRADES_PER_SECOND = 1.6
_OFF_HOURS_ACTIVITY = 0.6


@dataclass(frozen=True, slots=True)
class Depth:
    """Order books, one row an instrument, level 0 the best; prices in ticks.

    A level with a price or quantity of zero is absent; indices have no levels.
    """

    bid_price: IntArray
    ask_price: IntArray
    bid_quantity: IntArray
    ask_quantity: IntArray


def activity(second_of_day: float) -> float:
    """Turnover relative to a flat day: a U from open to close, a steady murmur outside the session.

    Takes seconds since midnight in India. Its mean over 09:15–15:30 is one.
    """
    through = (second_of_day - _OPEN_SECOND) / TRADING_DAY_SECONDS
    if not 0.0 <= through < 1.0:
        return _OFF_HOURS_ACTIVITY
    return 0.55 + 5.4 * (through - 0.5) ** 2


class SimulatedMarket:
    """Correlated random walks (market, sector, own) with volatility regimes and jumps; contracts priced off them.

    The same seed, universe and sequence of calls give the same market. After a step `last` (in ticks), `volume`
    (cumulative for the day) and `oi` describe it, one row an instrument; `traded` are the rows that the step moved.
    """

    def __init__(self, universe: Universe, seed: int) -> None:
        self.universe = universe
        self._rng = np.random.default_rng(seed)
        self._regime = _CALM
        self._vix = universe.vix_at_start
        self._spot = universe.spot_at_start.copy()
        self._index = universe.index_at_start.copy()
        n = len(universe)
        self._daily_volume = self._expected_volumes()
        self._sizes = self._typical_sizes()
        self.volume = np.zeros(n, dtype=np.int64)
        derivatives = np.arange(n) >= universe.stocks + universe.indices
        self.oi = np.where(derivatives, universe.lot * self._rng.integers(2_000, 40_000, n), 0).astype(np.int64)
        self.last = np.zeros(n, dtype=np.int64)
        self.traded = np.arange(n)
        self._best_bid = np.zeros(n, dtype=np.int64)
        self._best_ask = np.zeros(n, dtype=np.int64)
        self._bid_quantity = self._draw_sizes()
        self._ask_quantity = self._draw_sizes()
        self._has_book = np.ones(n, dtype=bool)
        self._has_book[universe.stocks : universe.stocks + universe.indices] = False

    def start_day(self, volumes: IntArray | None = None) -> None:
        """Begin a trading day: cumulative volumes restart at zero, or at what was traded already."""
        self.volume = np.zeros(len(self.universe), dtype=np.int64) if volumes is None else volumes.copy()

    def step(self, at: float, seconds: float) -> None:
        """Move the market to `at` (Unix seconds), `seconds` of trading time after the step before."""
        self._switch_regime(seconds)
        self._move_spots(seconds)
        self._trade(self._fair_prices(at), seconds, activity((at + IST_OFFSET) % DAY))

    def _switch_regime(self, seconds: float) -> None:
        chance = _REGIME_EXITS_PER_DAY[self._regime] * seconds / TRADING_DAY_SECONDS
        if self._rng.random() < chance:
            self._regime = _STRESSED if self._regime == _CALM else _CALM

    def _move_spots(self, seconds: float) -> None:
        universe, rng = self.universe, self._rng
        days = seconds / TRADING_DAY_SECONDS
        draws = rng.standard_normal(1 + universe.sectors + universe.stocks)
        mixed = (
            _MARKET_LOADING * draws[0]
            + _SECTOR_LOADING * draws[1 : 1 + universe.sectors][universe.sector]
            + _OWN_LOADING * draws[1 + universe.sectors :]
        )
        returns = universe.volatility * _REGIME_VOLATILITY[self._regime] * np.sqrt(days) * mixed
        returns -= _PULL_TO_ANCHOR_PER_DAY * days * np.log(self._spot / universe.anchor)
        jumped = rng.random(universe.stocks) < _JUMPS_PER_DAY * days
        if jumped.any():
            returns[jumped] += rng.normal(0.0, _JUMP_SIZE, int(jumped.sum()))
        self._spot *= np.exp(returns)
        index_returns = universe.index_weights @ returns
        self._index *= np.exp(index_returns)
        market_return = float(index_returns[~universe.is_vix].mean()) if (~universe.is_vix).any() else 0.0
        self._move_vix(days, market_return)

    def _move_vix(self, days: float, market_return: float) -> None:
        pull = 0.5 * days * (_REGIME_VIX[self._regime] - self._vix)
        noise = 0.03 * self._vix * np.sqrt(days) * self._rng.standard_normal()
        self._vix = float(np.clip(self._vix + pull + noise - 3.5 * self._vix * market_return, 8.0, 60.0))
        self._index[self.universe.is_vix] = self._vix

    def _fair_prices(self, at: float) -> FloatArray:
        universe = self.universe
        spots = np.concatenate((self._spot, self._index))
        years = np.maximum(universe.expires - at, 0.0) / SECONDS_PER_YEAR
        forwards = spots[universe.underlying] * np.exp(RISK_FREE_RATE * years)
        split = universe.futures
        option_forwards, option_years = forwards[split:], years[split:]
        volatility = smile(self._vix / 100.0, option_forwards, universe.strike, option_years)
        premiums = black76(option_forwards, universe.strike, option_years, volatility, universe.is_call)
        return np.concatenate((spots, forwards[:split], premiums))

    def _trade(self, fair: FloatArray, seconds: float, level: float) -> None:
        universe, rng = self.universe, self._rng
        n = len(universe)
        in_ticks = fair / universe.tick
        spread = 1 + rng.poisson(np.clip(in_ticks * 0.00006, 0.15, 12.0))
        self._best_bid = np.maximum(np.floor(in_ticks - (spread - 1) * 0.5).astype(np.int64), 0)
        self._best_ask = self._best_bid + spread
        chance = 1.0 - np.exp(-_TRADES_PER_SECOND * level * seconds)
        traded = (rng.random(n) < chance) | ~self._has_book | (self.last == 0)
        bought = (rng.random(n) < in_ticks - np.floor(in_ticks)) | (self._best_bid == 0)
        price = np.where(bought, self._best_ask, self._best_bid)
        price = np.where(self._has_book, price, np.rint(in_ticks).astype(np.int64))
        self.last = np.where(traded, np.maximum(price, 1), self.last)
        self.traded = np.flatnonzero(traded)
        self._count(traded & self._has_book, seconds / TRADING_DAY_SECONDS * level / chance)

    def _count(self, traded: NDArray[np.bool_], share: float) -> None:
        """Add the units of this step's trades; `share` is what one trade has of a day's volume on average."""
        universe, rng = self.universe, self._rng
        units = self._daily_volume * share * rng.exponential(1.0, len(universe))
        lots = np.where(traded, np.maximum(np.rint(units / universe.lot), 1), 0).astype(np.int64)
        self.volume = self.volume + lots * universe.lot
        drift = np.rint(lots * rng.normal(0.01, 0.2, len(universe))).astype(np.int64)
        self.oi = np.where(self.oi > 0, np.maximum(self.oi + drift * universe.lot, universe.lot), 0)

    def depth(self) -> Depth:
        """The order books after the last step; each call renews about a third of the sizes."""
        rng, shape = self._rng, (len(self.universe), DEPTH_LEVELS)
        self._bid_quantity = np.where(rng.random(shape) < 0.3, self._draw_sizes(), self._bid_quantity)
        self._ask_quantity = np.where(rng.random(shape) < 0.3, self._draw_sizes(), self._ask_quantity)
        steps = np.cumsum(1 + (rng.random(shape) < 0.15), axis=1)
        gaps = steps - steps[:, :1]
        has_book = self._has_book[:, None]
        return Depth(
            bid_price=np.where(has_book, np.maximum(self._best_bid[:, None] - gaps, 0), 0),
            ask_price=np.where(has_book, self._best_ask[:, None] + gaps, 0),
            bid_quantity=self._bid_quantity,
            ask_quantity=self._ask_quantity,
        )

    def _expected_volumes(self) -> FloatArray:
        universe = self.universe
        lots = np.full(universe.futures + universe.options, 30_000.0)
        contracts = lots * universe.lot[universe.stocks + universe.indices :]
        return np.concatenate((universe.daily_volume, np.zeros(universe.indices), contracts))

    def _typical_sizes(self) -> FloatArray:
        """Mean units at the best level; deeper levels hold more."""
        mean = np.maximum(self._daily_volume * 0.00008 / self.universe.lot, 2.0)
        sizes: FloatArray = mean[:, None] * np.array([0.6, 0.9, 1.1, 1.2, 1.4])
        return sizes

    def _draw_sizes(self) -> IntArray:
        lots = np.rint(self._sizes * self._rng.lognormal(0.0, 0.7, self._sizes.shape))
        return np.maximum(lots, 1).astype(np.int64) * self.universe.lot[:, None]
