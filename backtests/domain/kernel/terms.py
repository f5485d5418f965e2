"""On what terms signals are traded, and the words of what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

import numpy as np

from core.errors import InvalidInput
from core.money import to_paise
from trading.marketdata.domain.bars import DAY, IST_OFFSET, PRICE_SCALE, Int64Array, is_scalable, scale_price
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates

from .charges import no_rates, rate_row

_EPOCH = date(1970, 1, 1)
_BASIS_POINTS = 10_000
MOST_CAPITAL = Decimal(10) ** 12
MOST_UNITS = 10**9
_MOST_RUPEES = Decimal(10) ** 6


class Sides(StrEnum):
    """Which of the wanted sides are taken; the other one means flat."""

    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class Reason(IntEnum):
    """Why a fill came about."""

    SIGNAL = 0
    STOP = 1
    TARGET = 2
    TRAIL = 3
    SQUARE_OFF = 4
    SESSION_END = 5
    RUIN = 6


class Stopped(IntEnum):
    """Whether a run came to its end."""

    NO = 0
    RUINED = 1
    TOO_LARGE = 2


@dataclass(frozen=True, slots=True)
class Distance:
    """How far from the entry's price: per cent of it, in steps of 0.01, or rupees. Rounded to the tick, half up,
    and at least one tick."""

    percent: Decimal = Decimal(0)
    rupees: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        percent, rupees = self.percent, self.rupees
        if not (percent.is_finite() and rupees.is_finite() and min(percent, rupees) >= 0):
            raise InvalidInput("A distance is a number, not below nothing.", code="distance_invalid")
        is_fine = percent * 100 == (percent * 100).to_integral_value() and is_scalable(rupees)
        if (percent > 0) == (rupees > 0) or not is_fine or percent >= 100 or rupees >= _MOST_RUPEES:
            raise InvalidInput(
                "A distance is a percentage below 100 in steps of 0.01, or rupees with at most four decimals.",
                code="distance_invalid",
            )

    def numbers(self) -> tuple[int, int]:
        """Basis points and ten-thousandths of a rupee, of which one is zero."""
        return int(self.percent * 100), scale_price(self.rupees)


@dataclass(frozen=True, slots=True)
class Sizing:
    """How much an entry is: `units`, or a `share` of equity (1 is all of it, 5 is five times) in whole lots, taken
    at the price and the equity of the snapshot that it trades on."""

    units: int = 0
    share: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        share = self.share
        is_known = share.is_finite() and share * _BASIS_POINTS == (share * _BASIS_POINTS).to_integral_value()
        if not is_known or not (0 <= self.units <= MOST_UNITS and 0 <= share <= 10):
            raise InvalidInput(
                f"A size is units up to {MOST_UNITS}, or a share of equity up to 10 with at most four decimals.",
                code="sizing_invalid",
            )
        if (self.units > 0) == (share > 0):
            raise InvalidInput("A size is either units or a share of equity.", code="sizing_invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a run is given besides bars and signals.

    `at_touch`: orders meet a bid and an ask a tick apart, as the engine's replay shows them at a bar's first
    snapshot; else both sides trade at the open. `slippage_ticks` come on top. With `walks_depth` an order finds
    at a price what the book of that replay displays there, and takes the next levels and snapshots for the rest, up
    to `protection` per cent from the last price; where there are guards, and without it, orders trade whole.
    `square_off_fee` is what each closing order of a square-off costs in rupees, with tax. `rates` holds the charges
    in force from each day on (None: from the beginning); empty for no charges at all. Guards hold from the fill on;
    after a stop, target or trail the same side is not entered again before the signal has changed.
    """

    capital: Decimal
    sizing: Sizing
    sides: Sides = Sides.BOTH
    at_touch: bool = True
    walks_depth: bool = False
    protection: Decimal = Decimal(3)
    slippage_ticks: int = 0
    square_off_fee: Decimal = Decimal(0)
    stop: Distance | None = None
    target: Distance | None = None
    trail: Distance | None = None
    rates: Mapping[date | None, tuple[ChargeRates, BrokerageRates]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.capital.is_finite() or not 0 < self.capital <= MOST_CAPITAL:
            raise InvalidInput("Capital must be more than nothing, and at most 1e12.", code="capital_invalid")
        if not 0 <= self.slippage_ticks <= 10_000:
            raise InvalidInput("Slippage must be from 0 to 10000 ticks.", code="slippage_invalid")
        points = self.protection * 100
        if not (points.is_finite() and points == points.to_integral_value() and 0 <= points <= _BASIS_POINTS):
            raise InvalidInput(
                "A protection is from 0 to 100 per cent in steps of 0.01.", code="protection_invalid"
            )
        if not self.square_off_fee.is_finite() or not 0 <= self.square_off_fee <= _MOST_RUPEES:
            raise InvalidInput("A square-off fee is not below nothing.", code="square_off_fee_invalid")

    def numbers(self, *, tick: int, lot: int) -> Int64Array:
        """The settings as the loop takes them; see `loop` for the columns.

        Raises InvalidInput, `quantity_not_in_lots`.
        """
        if self.sizing.units % lot:
            raise InvalidInput(f"The size must be in lots of {lot}.", code="quantity_not_in_lots")
        guards: Sequence[Distance | None] = (self.stop, self.target, self.trail)
        pairs = [(0, 0) if each is None else each.numbers() for each in guards]
        sides = {Sides.BOTH: 0, Sides.LONG: 1, Sides.SHORT: -1}[self.sides]
        return np.array(
            [
                to_paise(self.capital) * (PRICE_SCALE // 100),
                self.sizing.units,
                int(self.sizing.share * _BASIS_POINTS),
                lot,
                tick,
                self.slippage_ticks * tick,
                sides,
                *(number for pair in pairs for number in pair),
                int(self.at_touch),
                to_paise(self.square_off_fee),
                int(self.walks_depth and self.at_touch and not any(guards)),
                int(self.protection * 100),
            ],
            dtype=np.int64,
        )

    def rate_table(self, start: Int64Array) -> tuple[Int64Array, Int64Array]:
        """Rows of rates, and the first bar (by its start) at which each holds."""
        if not self.rates:
            return no_rates()[None, :], np.zeros(1, dtype=np.int64)
        ordered = sorted(self.rates.items(), key=lambda each: each[0] or date.min)
        # A day begins at midnight in India.
        midnights = [0 if day is None else (day - _EPOCH).days * DAY - IST_OFFSET for day, _ in ordered]
        first = [int(place) for place in np.searchsorted(start, midnights)]
        if len(start) and first[0] > 0:
            raise InvalidInput(f"There are no charge rates before {ordered[0][0]}.", code="rates_missing")
        table = np.array([rate_row(*row) for _, row in ordered], dtype=np.int64)
        return table, np.array(first, dtype=np.int64)
