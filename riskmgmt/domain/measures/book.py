"""Positions as risk measures see them: what moves each, and what all are worth after a move.

Arrays are float64 and prices rupees; money enters here from exact figures and leaves as statistics, never as
anything that is posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.kernel import FloatArray

DAYS_PER_YEAR = 365.0
# Prices and volatilities stay above zero however far a scenario moves them.
_LEAST_PRICE = 1e-4
_LEAST_VOLATILITY = 1e-3


@dataclass(frozen=True, slots=True)
class Asset:
    """A position: signed units of something that follows `driver`, the share or index behind it.

    `sign` is 0 for what moves one to one with its driver (shares, futures), +1 for a call, -1 for a put. `spot` is
    the driver's price, `forward` the same at the option's expiry, both rupees; `price` the asset's own.
    """

    key: str
    driver: str
    quantity: int
    price: float
    spot: float
    sector: str = ""
    product: str = ""
    strategy: str = ""
    sign: int = 0
    strike: float = 0.0
    years: float = 0.0
    volatility: float = 0.0
    forward: float = 0.0

    @property
    def value(self) -> float:
        """Signed market value in rupees."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class AssetGreeks:
    """A position's sensitivities in rupees, quantity included.

    `delta_value` is what the position gains when its driver gains 100 % at the present slope (so its exposure to
    the driver), `delta` the same in units of the driver, `gamma` units of delta per rupee of the driver, `vega`
    per point of volatility, `theta` per calendar day, `rho` per point of interest.
    """

    delta: float
    delta_value: float
    gamma: float
    vega: float
    theta: float
    rho: float

    def __add__(self, other: "AssetGreeks") -> "AssetGreeks":
        return AssetGreeks(
            self.delta + other.delta,
            self.delta_value + other.delta_value,
            self.gamma + other.gamma,
            self.vega + other.vega,
            self.theta + other.theta,
            self.rho + other.rho,
        )


NO_GREEKS = AssetGreeks(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Book:
    """Assets that are measured together, at one risk-free `rate` (annual, continuous)."""

    assets: tuple[Asset, ...]
    rate: float = 0.065

    @cached_property
    def drivers(self) -> tuple[str, ...]:
        """Each driver once, in the order of the assets."""
        return tuple(dict.fromkeys(asset.driver for asset in self.assets))

    @cached_property
    def driver_numbers(self) -> NDArray[np.int64]:
        """By asset, the place of its driver in `drivers`."""
        places = {driver: place for place, driver in enumerate(self.drivers)}
        return np.array([places[asset.driver] for asset in self.assets], dtype=np.int64)

    def pnl(
        self, moves: FloatArray, *, volatility_shift: float | FloatArray = 0.0, days: float = 0.0
    ) -> FloatArray:
        """P&L in rupees of each scenario, fully revalued.

        `moves` (scenarios x drivers) are returns of the drivers, 0.1 for +10 %; `volatility_shift` is added to
        every implied volatility (0.05 for five points), by scenario if an array; `days` is how much later it is.
        """
        scenarios = moves.shape[0]
        if not self.assets:
            return np.zeros(scenarios)
        by_asset = moves[:, self.driver_numbers]
        gains = self._prices * by_asset * self._slopes_of_linear
        if self._is_option.any():
            shift = np.broadcast_to(np.asarray(volatility_shift, dtype=float), (scenarios,))[:, np.newaxis]
            gains[:, self._is_option] = self._option_gains(by_asset[:, self._is_option], shift, days)
        result: FloatArray = gains @ self._quantities
        return result

    def greeks_by_asset(self) -> list[AssetGreeks]:
        """Sensitivities of each position, in the order of the assets."""
        found = [
            AssetGreeks(asset.quantity, asset.quantity * asset.spot, 0.0, 0.0, 0.0, 0.0) for asset in self.assets
        ]
        options = np.flatnonzero(self._is_option)
        if options.size:
            terms = self._option_terms
            spot = terms.forward * np.exp(-self.rate * terms.years)
            unit = kernel.greeks(
                terms.is_call, spot, terms.strike, terms.years, terms.volatility, rate=self.rate, carry=self.rate
            )
            for place, number in enumerate(options):
                asset = self.assets[number]
                delta = float(unit.delta[place]) * asset.quantity
                found[number] = AssetGreeks(
                    delta=delta,
                    delta_value=delta * asset.spot,
                    gamma=float(unit.gamma[place]) * asset.quantity,
                    vega=float(unit.vega[place]) * asset.quantity,
                    theta=float(unit.theta[place]) * asset.quantity,
                    rho=float(unit.rho[place]) * asset.quantity,
                )
        return found

    def delta_values(self) -> FloatArray:
        """Exposure in rupees to each driver (drivers), at the present slope."""
        exposures = np.zeros(len(self.drivers))
        for number, sensitivity in zip(self.driver_numbers, self.greeks_by_asset(), strict=True):
            exposures[number] += sensitivity.delta_value
        return exposures

    def _option_gains(self, moves: FloatArray, shift: FloatArray, days: float) -> FloatArray:
        terms = self._option_terms
        later = np.maximum(terms.years - days / DAYS_PER_YEAR, 0.0)
        now = kernel.price(
            terms.is_call, terms.forward, terms.strike, terms.years, terms.volatility, rate=self.rate
        )
        then = kernel.price(
            terms.is_call,
            np.maximum(terms.forward * (1.0 + moves), _LEAST_PRICE),
            terms.strike,
            later,
            np.maximum(terms.volatility + shift, _LEAST_VOLATILITY),
            rate=self.rate,
        )
        gains: FloatArray = then - now
        return gains

    @cached_property
    def _quantities(self) -> FloatArray:
        return np.array([float(asset.quantity) for asset in self.assets])

    @cached_property
    def _prices(self) -> FloatArray:
        return np.array([asset.price for asset in self.assets])

    @cached_property
    def _is_option(self) -> NDArray[np.bool_]:
        return np.array([asset.sign != 0 for asset in self.assets], dtype=bool)

    @cached_property
    def _slopes_of_linear(self) -> FloatArray:
        return np.where(self._is_option, 0.0, 1.0)

    @cached_property
    def _option_terms(self) -> "_OptionTerms":
        options = [asset for asset in self.assets if asset.sign]
        return _OptionTerms(
            forward=np.array([max(asset.forward, _LEAST_PRICE) for asset in options]),
            strike=np.array([asset.strike for asset in options]),
            years=np.array([asset.years for asset in options]),
            volatility=np.array([max(asset.volatility, _LEAST_VOLATILITY) for asset in options]),
            is_call=np.array([asset.sign > 0 for asset in options], dtype=bool),
        )


@dataclass(frozen=True, slots=True)
class _OptionTerms:
    forward: FloatArray
    strike: FloatArray
    years: FloatArray
    volatility: FloatArray
    is_call: NDArray[np.bool_]


def book_of(assets: Sequence[Asset], *, rate: float = 0.065) -> Book:
    """A book without the positions that are closed."""
    return Book(tuple(asset for asset in assets if asset.quantity), rate)
