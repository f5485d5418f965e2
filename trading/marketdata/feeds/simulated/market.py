"""The simulated market: one step moves every price, trade and order book at once."""

from dataclasses import dataclass

import numpy as np

from .options import RISK_FREE_RATE, SECONDS_PER_YEAR, FloatArray, black76, smile
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
_TRADES_PER_SECOND = 0.9
_OFF_HOURS_ACTIVITY = 0.6


@dataclass(frozen=True, slots=True)
class Book:
    """The market after a step, one row an instrument; prices in ticks, level 0 is the best.

    A level with a price or quantity of zero is absent; indices have no levels.
    """

    last: IntArray
    volume: IntArray
    oi: IntArray
    bid_price: IntArray
    ask_price: IntArray
    bid_quantity: IntArray
    ask_quantity: IntArray
    touched: IntArray
    """Rows that traded or whose book moved in this step."""


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

    The same seed, universe and sequence of steps give the same market.
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
        self._volume = np.zeros(n, dtype=np.int64)
        derivatives = np.arange(n) >= universe.stocks + universe.indices
        self._oi = np.where(derivatives, universe.lot * self._rng.integers(2_000, 40_000, n), 0).astype(np.int64)
        self._last = np.zeros(n, dtype=np.int64)
        self._bid_quantity = self._draw_sizes()
        self._ask_quantity = self._draw_sizes()
        self._has_book = np.ones(n, dtype=bool)
        self._has_book[universe.stocks : universe.stocks + universe.indices] = False

    def start_day(self, volumes: IntArray | None = None) -> None:
        """Begin a trading day: cumulative volumes restart at zero, or at what was traded already."""
        self._volume = np.zeros(len(self.universe), dtype=np.int64) if volumes is None else volumes.copy()

    def step(self, at: float, seconds: float) -> Book:
        """Move the market to `at` (Unix seconds), `seconds` of trading time after the step before."""
        second_of_day = (at + 19_800) % 86_400
        self._switch_regime(seconds)
        self._move_spots(seconds)
        return self._quote(self._fair_prices(at), seconds, activity(second_of_day))

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

    def _quote(self, fair: FloatArray, seconds: float, level: float) -> Book:
        universe, rng = self.universe, self._rng
        n = len(universe)
        in_ticks = fair / universe.tick
        spread = 1 + rng.poisson(np.clip(in_ticks * 0.00006, 0.15, 12.0))
        best_bid = np.floor(in_ticks - (spread - 1) * 0.5).astype(np.int64)
        best_bid = np.maximum(best_bid, 0)
        best_ask = best_bid + spread
        first = self._last == 0
        traded = (rng.random(n) < 1.0 - np.exp(-_TRADES_PER_SECOND * level * seconds)) | ~self._has_book | first
        bought = rng.random(n) < in_ticks - np.floor(in_ticks)
        trade_price = np.where(bought | (best_bid == 0), best_ask, best_bid)
        trade_price = np.where(self._has_book, trade_price, np.rint(in_ticks).astype(np.int64))
        self._last = np.where(traded, np.maximum(trade_price, 1), self._last)
        self._trade(traded & self._has_book, seconds, level)
        moved = rng.random((n, DEPTH_LEVELS)) < 0.3
        self._bid_quantity = np.where(moved, self._draw_sizes(), self._bid_quantity)
        self._ask_quantity = np.where(moved[:, ::-1], self._draw_sizes(), self._ask_quantity)
        gaps = np.cumsum(1 + (rng.random((n, DEPTH_LEVELS)) < 0.15), axis=1) - 1
        gaps -= gaps[:, :1]
        has_book = self._has_book[:, None]
        return Book(
            last=self._last,
            volume=self._volume.copy(),
            oi=self._oi.copy(),
            bid_price=np.where(has_book, np.maximum(best_bid[:, None] - gaps, 0), 0),
            ask_price=np.where(has_book, best_ask[:, None] + gaps, 0),
            bid_quantity=self._bid_quantity,
            ask_quantity=self._ask_quantity,
            touched=np.flatnonzero(traded),
        )

    def _trade(self, traded: np.ndarray, seconds: float, level: float) -> None:
        universe, rng = self.universe, self._rng
        share = seconds / TRADING_DAY_SECONDS
        chance = 1.0 - np.exp(-_TRADES_PER_SECOND * level * seconds)
        units = self._daily_volume * share * level / chance * rng.exponential(1.0, len(universe))
        lots = np.maximum(np.rint(units / universe.lot), 1).astype(np.int64)
        quantity = np.where(traded, lots * universe.lot, 0)
        self._volume = self._volume + quantity
        drift = np.rint(quantity / universe.lot * rng.normal(0.01, 0.2, len(universe))).astype(np.int64)
        self._oi = np.where(self._oi > 0, np.maximum(self._oi + drift * universe.lot, universe.lot), 0)

    def _expected_volumes(self) -> FloatArray:
        universe = self.universe
        lots = np.full(universe.futures + universe.options, 30_000.0)
        contracts = lots * universe.lot[universe.stocks + universe.indices :]
        return np.concatenate((universe.daily_volume, np.zeros(universe.indices), contracts))

    def _typical_sizes(self) -> FloatArray:
        """Mean units at the best level; deeper levels hold more."""
        mean = np.maximum(self._daily_volume * 0.00008 / self.universe.lot, 2.0)
        return mean[:, None] * np.array([0.6, 0.9, 1.1, 1.2, 1.4])

    def _draw_sizes(self) -> IntArray:
        lots = np.rint(self._sizes * self._rng.lognormal(0.0, 0.7, self._sizes.shape))
        return np.maximum(lots, 1).astype(np.int64) * self.universe.lot[:, None]
