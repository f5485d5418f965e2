"""The theoretical price of an option at every bar of its underlying: Black (1976) on the carried spot, with a
stated volatility and smile. Everything at a bar is computed from what was known by then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np

from core.errors import InvalidInput
from trading.marketdata.domain.bars import DAY, IST_OFFSET, PRICE_SCALE, BarSeries, Int64Array
from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.kernel import FloatArray
from trading.marketdata.domain.options.life import SECONDS_PER_YEAR, expires_at

TRADING_DAYS = 252
# Moneyness is standardised by what is left of an option's life, but for this much: at its very end the smile of an
# option out of the money would be nothing but the division.
_SHORTEST_LIFE = 0.25 / TRADING_DAYS
_OPENS, _CLOSES = 9.25 * 3600, 15.5 * 3600
_SMILE_BOUNDS = (0.6, 2.5)
_VOLATILITY_BOUNDS = (0.03, 3.0)
BOUNDS: Mapping[str, tuple[float, float]] = {
    "volatility": _VOLATILITY_BOUNDS,
    "markup": (0.3, 3.0),
    "sessions": (2, 250),
    "skew": (-1.0, 1.0),
    "curvature": (0.0, 1.0),
    "rate": (-0.2, 0.5),
    "in_session": (0.0, 1.0),
    "lots_a_minute": (1, 1_000_000),
    "spread": (0.0, 0.5),
}
"""What each number of a model may be, both ends included."""


class VolatilityBy(StrEnum):
    """Where the volatility at the money comes from."""

    REALISED = "realised"
    """What the underlying's daily closes moved in the last sessions, times `markup`: options usually cost more."""
    CONSTANT = "constant"
    INDEX = "index"
    """A volatility index such as INDIAVIX, in per cent, by its own bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionModel:
    """The stated assumptions. Volatilities are annual fractions.

    An option's volatility is level x (1 + skew x m + curvature x m²), m the logarithm of strike over forward in
    standard deviations: a negative skew makes lower strikes dearer. `volatility` is the level for CONSTANT, and
    wherever the others know nothing yet. `in_session` is the share of a day's variance that its session has: see
    `variance_years`. With `uses_closes` a contract whose bhavcopy close of an earlier day is
    stored is priced at the volatility that close implied, strike by strike, instead of the model's.
    `lots_a_minute` is how liquid a modelled contract is taken to be; `spread` what lies between its bid and ask, as
    a share of its premium: whoever takes pays half of it beyond the modelled price. `lot_sizes` are the lots of
    underlyings that the house has no dated table of, by symbol.
    """

    by: VolatilityBy = VolatilityBy.REALISED
    volatility: float = 0.15
    markup: float = 1.1
    sessions: int = 20
    index: str = "NSE:INDIAVIX"
    skew: float = -0.055
    curvature: float = 0.037
    rate: float = 0.065
    in_session: float = 0.6
    uses_closes: bool = True
    lots_a_minute: int = 1_000
    spread: float = 0.0025
    lot_sizes: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises InvalidInput, `option_model_invalid`."""
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise InvalidInput(
                    f"{name} must be from {least:g} to {most:g}.",
                    code="option_model_invalid",
                    errors={name: [f"Must be from {least:g} to {most:g}."]},
                )

    def __str__(self) -> str:
        level = {
            VolatilityBy.REALISED: f"realised over {self.sessions} sessions x {self.markup:g}",
            VolatilityBy.CONSTANT: f"{self.volatility:.1%}",
            VolatilityBy.INDEX: f"{self.index}",
        }[self.by]
        return (
            f"Black (1976) on the spot carried at {self.rate:.2%}, volatility at the money {level},"
            f" skew {self.skew:g}, curvature {self.curvature:g}, {self.in_session:.0%} of variance in sessions,"
            f" spread {self.spread:.2%} of the premium"
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a contract the model needs; `strike` and `tick` in rupees."""

    is_call: bool
    strike: float
    expiry: date
    tick: float
    lot: int


def smile(
    model: OptionModel, level: FloatArray, forward: FloatArray, strike: float, years: FloatArray
) -> FloatArray:
    """Volatility at a strike."""
    deviation = level * np.sqrt(np.maximum(years, _SHORTEST_LIFE))
    moneyness = np.log(strike / forward) / deviation
    found: FloatArray = level * np.clip(
        1.0 + model.skew * moneyness + model.curvature * moneyness**2, *_SMILE_BOUNDS
    )
    return found


def variance_years(clock: FloatArray, sessions_left: FloatArray, in_session: float) -> FloatArray:
    """What is left of an option's life as far as prices move in it, in years of 252 sessions.

    `clock` is the time of the day in seconds (India), `sessions_left` how many sessions after the day's own there
    are up to the expiry. A session carries the share `in_session` of a day's variance, the night before it the
    rest, however many days it spans: in calendar time an option would hardly decay within a session, and who buys
    one in the morning and sells it in the evening would seem to earn.
    """
    left = np.clip((_CLOSES - clock) / (_CLOSES - _OPENS), 0.0, 1.0)
    found: FloatArray = (in_session * left + sessions_left) / TRADING_DAYS
    return found


def option_bars(
    terms: Terms,
    spot: BarSeries,
    seconds: int,
    level: FloatArray,
    sessions_left: FloatArray,
    model: OptionModel,
    *,
    own: FloatArray | None = None,
) -> BarSeries:
    """The contract's bars on those of its underlying (`seconds` long), none of which begins after its end.

    At each bar, `level` is the volatility at the money, `sessions_left` as in `variance_years`; `own` where known
    (not NaN) the contract's own volatility instead of the smile's. Opens are priced at a bar's beginning, the
    rest at its end. A call is highest where the underlying is, a put where it is lowest; a price is never below
    one tick.
    """
    end = int(expires_at(terms.expiry).timestamp())
    clock = ((spot.start + IST_OFFSET) % DAY).astype(np.float64)
    begins = _Life(end - spot.start, variance_years(clock, sessions_left, model.in_session))
    ends = _Life(end - spot.start - seconds, variance_years(clock + seconds, sessions_left, model.in_session))
    best, worst = (spot.high, spot.low) if terms.is_call else (spot.low, spot.high)
    opens = _priced(terms, spot.open, begins, level, own, model)
    highs = _priced(terms, best, ends, level, own, model)
    lows = _priced(terms, worst, ends, level, own, model)
    closes = _priced(terms, spot.close, ends, level, own, model)
    minutes = max(seconds // 60, 1)
    return BarSeries(
        start=spot.start,
        open=opens,
        high=np.maximum.reduce((opens, highs, closes)),
        low=np.minimum.reduce((opens, lows, closes)),
        close=closes,
        volume=np.full(len(spot), min(minutes, 375) * model.lots_a_minute * terms.lot, dtype=np.int64),
        oi=np.zeros(len(spot), dtype=np.int64),
    )


def future_bars(
    expiry: date, spot: BarSeries, seconds: int, tick: float, lot: int, model: OptionModel
) -> BarSeries:
    """A future at its fair value: the spot carried at the rate."""
    end = int(expires_at(expiry).timestamp())
    alive = spot.start < end
    spot = spot if alive.all() else BarSeries.from_columns(spot.columns()[alive])
    growth = np.exp(model.rate * np.maximum(end - spot.start - seconds, 0) / SECONDS_PER_YEAR)
    minutes = max(seconds // 60, 1)
    opens, highs, lows, closes = (
        _on_tick(prices / PRICE_SCALE * growth, tick) for prices in (spot.open, spot.high, spot.low, spot.close)
    )
    return BarSeries(
        start=spot.start,
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=np.full(len(spot), min(minutes, 375) * model.lots_a_minute * lot, dtype=np.int64),
        oi=np.zeros(len(spot), dtype=np.int64),
    )


def realised(closes: FloatArray, sessions: int) -> float:
    """Annual volatility of daily closes (ascending), about zero mean; NaN with fewer than half the sessions."""
    moves = np.diff(np.log(closes[-sessions - 1 :]))
    if len(moves) < max(sessions // 2, 2):
        return float("nan")
    return float(np.sqrt(TRADING_DAYS * np.mean(moves**2)))


def implied(terms: Terms, close: float, spot: float, at: int, sessions_left: int, model: OptionModel) -> float:
    """The volatility that a day's closing price implies by the model's clock, NaN where it implies none that is
    sound. `at` is the end of the session in Unix seconds."""
    life = _Life(
        np.array([int(expires_at(terms.expiry).timestamp()) - at]),
        variance_years(np.array([_CLOSES]), np.array([float(sessions_left)]), model.in_session),
    )
    forward = spot * np.exp(model.rate * life.calendar)
    found = float(
        kernel.implied_volatility(
            close, terms.is_call, forward, terms.strike, life.variance, rate=life.rate(model.rate)
        )[0]
    )
    return found if _VOLATILITY_BOUNDS[0] <= found <= _VOLATILITY_BOUNDS[1] else float("nan")


class _Life:
    """What is left of a contract at each bar: by the calendar for interest, by movement for variance; in years."""

    def __init__(self, seconds: Int64Array, variance: FloatArray) -> None:
        self.calendar: FloatArray = np.maximum(seconds, 0) / SECONDS_PER_YEAR
        self.variance: FloatArray = np.where(self.calendar > 0, variance, 0.0)

    def rate(self, rate: float) -> FloatArray:
        """The rate that discounts over `variance` as the given one does over `calendar`."""
        found: FloatArray = rate * self.calendar / np.where(self.variance > 0, self.variance, 1.0)
        return found


def _priced(
    terms: Terms, spot: Int64Array, life: _Life, level: FloatArray, own: FloatArray | None, model: OptionModel
) -> Int64Array:
    forward = spot / PRICE_SCALE * np.exp(model.rate * life.calendar)
    volatility = smile(model, level, forward, terms.strike, life.variance)
    if own is not None:
        volatility = np.where(np.isnan(own), volatility, own)
    premium = kernel.price(
        terms.is_call, forward, terms.strike, life.variance, volatility, rate=life.rate(model.rate)
    )
    return np.maximum(_on_tick(premium, terms.tick), round(terms.tick * PRICE_SCALE))


def _on_tick(rupees: FloatArray, tick: float) -> Int64Array:
    ticks: Int64Array = np.rint(rupees / tick).astype(np.int64)
    return ticks * round(tick * PRICE_SCALE)
