"""The instruments of a simulation as arrays, grouped by how their prices come about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.clock import IST

from .profiles import CALM_VIX, INDEX_SECTORS, VOLATILITY_INDEX, made_up_level, stock_profile

IntArray = NDArray[np.int64]

_EXPIRY_TIME = time(15, 30)


@dataclass(frozen=True, slots=True)
class SimulatedInstrument:
    """What the simulation needs to know of an instrument; prices in rupees."""

    key: str
    symbol: str
    kind: str
    tick_size: Decimal
    lot_size: int = 1
    underlying: str = ""
    expiry: date | None = None
    strike: Decimal | None = None


class Universe:
    """Instruments in the order stocks, indices, futures, options: the order of every array of the simulation.

    Contracts whose underlying is not simulated are left out. `levels` (rupees by key) are what prices keep coming
    back to; `last_prices` say where to go on from instead, where history is stored.
    """

    def __init__(
        self,
        instruments: Sequence[SimulatedInstrument],
        levels: Mapping[str, Decimal] | None = None,
        last_prices: Mapping[str, Decimal] | None = None,
    ) -> None:
        ordered = sorted(instruments, key=lambda each: each.key)
        stocks = [each for each in ordered if each.kind not in {"INDEX", "FUT", "CE", "PE"}]
        indices = [each for each in ordered if each.kind == "INDEX"]
        spot_of = {each.symbol: position for position, each in enumerate(stocks + indices)}
        futures = [each for each in ordered if each.kind == "FUT" and each.underlying in spot_of]
        options = [each for each in ordered if each.kind in {"CE", "PE"} and each.underlying in spot_of]
        self.instruments = [*stocks, *indices, *futures, *options]
        self.keys = [each.key for each in self.instruments]
        self.stocks, self.indices = len(stocks), len(indices)
        self.futures, self.options = len(futures), len(options)
        self._describe(stocks, indices)
        self._place([*stocks, *indices], levels or {}, last_prices or {})
        self._describe_contracts([*futures, *options], spot_of)

    def __len__(self) -> int:
        return len(self.instruments)

    def _place(
        self,
        spots: list[SimulatedInstrument],
        levels: Mapping[str, Decimal],
        last_prices: Mapping[str, Decimal],
    ) -> None:
        level = [float(levels.get(each.key) or made_up_level(each.symbol, each.kind)) for each in spots]
        start = [float(last_prices.get(each.key) or level[row]) for row, each in enumerate(spots)]
        self.anchor = np.array(level[: self.stocks])
        self.spot_at_start = np.array(start[: self.stocks])
        self.index_at_start = np.array(start[self.stocks :])
        vix = self.index_at_start[self.is_vix]
        self.vix_at_start = float(vix[0]) if len(vix) else CALM_VIX

    def _describe(self, stocks: list[SimulatedInstrument], indices: list[SimulatedInstrument]) -> None:
        profiles = [stock_profile(each.symbol) for each in stocks]
        self.tick = np.array([float(each.tick_size) for each in self.instruments])
        self.lot = np.array([each.lot_size for each in self.instruments], dtype=np.int64)
        self.volatility = np.array([profile.daily_volatility for profile in profiles])
        self.daily_volume = np.array([profile.daily_volume for profile in profiles], dtype=np.float64)
        names = sorted({profile.sector for profile in profiles})
        self.sectors = len(names)
        self.sector = np.array([names.index(profile.sector) for profile in profiles], dtype=np.int64)
        self.is_vix = np.array([each.symbol == VOLATILITY_INDEX for each in indices], dtype=bool)
        self.index_weights = np.zeros((len(indices), len(stocks)))
        for row, index in enumerate(indices):
            wanted = INDEX_SECTORS.get(index.symbol)
            weights = np.array([p.weight if wanted is None or p.sector in wanted else 0.0 for p in profiles])
            if weights.sum() > 0:
                self.index_weights[row] = weights / weights.sum()

    def _describe_contracts(self, contracts: list[SimulatedInstrument], spot_of: dict[str, int]) -> None:
        self.underlying = np.array([spot_of[each.underlying] for each in contracts], dtype=np.int64)
        self.expires = np.array([_expiry_second(each.expiry) for each in contracts], dtype=np.float64)
        self.strike = np.array([float(each.strike or 0) for each in contracts[self.futures :]])
        self.is_call = np.array([each.kind == "CE" for each in contracts[self.futures :]], dtype=bool)


def _expiry_second(expiry: date | None) -> float:
    if expiry is None:
        raise ValueError("a contract needs an expiry")
    return datetime.combine(expiry, _EXPIRY_TIME, tzinfo=IST).timestamp()
