"""What every back-tester of the bench is given: the same bars, the same two strategies."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from backtests.domain.kernel import Market, Sizing, Terms, at_clock
from trading.marketdata.domain.bars import DAY, MINUTE, PRICE_SCALE, BarSeries
from trading.marketdata.domain.indicators.bars import Bars
from trading.marketdata.domain.indicators.parameters import Value
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates
from trading.strategies.domain import SignalStrategy, integer
from trading.strategies.domain.signals import Lines, crossed_down, crossed_up, held, sign_of

SESSION = 375
UNITS = 10
CAPITAL = Decimal(10**9)
OVERSOLD, OVERBOUGHT = 30.0, 70.0
_OPENS = int(datetime(2015, 1, 1, 3, 45, tzinfo=UTC).timestamp())


class SmaCross(SignalStrategy):
    """Always in the market: long while the fast average is above the slow one, short while it is below."""

    key = "bench_sma_cross"
    fast = integer("Fast", 10, minimum=2, maximum=500)
    slow = integer("Slow", 30, minimum=2, maximum=500)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"fast": ("sma", {"period": self.fast}), "slow": ("sma", {"period": self.slow})}

    def signals(self, bars: Bars, lines: Lines) -> NDArray[np.int8]:
        return sign_of(lines["fast"]["sma"] - lines["slow"]["sma"])


class RsiLevels(SignalStrategy):
    """Long from where the index falls below 30 to where it rises above 70."""

    key = "bench_rsi_levels"
    period = integer("Period", 14, minimum=2, maximum=200)

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        return {"rsi": ("rsi", {"period": self.period})}

    def signals(self, bars: Bars, lines: Lines) -> NDArray[np.int8]:
        rsi = lines["rsi"]["rsi"]
        never = np.zeros(len(rsi), dtype=np.bool_)
        return held(
            enter_long=crossed_down(rsi, OVERSOLD),
            exit_long=crossed_up(rsi, OVERBOUGHT),
            enter_short=never,
            exit_short=never,
        )


def market_of(count: int, *, squares_off: bool) -> Market:
    """A random walk in minutes of sessions. Prices are whole rupees, so that everybody's averages are exact and
    cross at the same bars."""
    rng = np.random.default_rng(1)
    place = np.arange(count, dtype=np.int64)
    session = _OPENS + place // SESSION * DAY
    close = np.maximum(20_000 + np.cumsum(rng.integers(-9, 10, count)), 1_000)
    opening = np.maximum(np.r_[close[:1], close[:-1]] + rng.integers(-3, 4, count), 1_000)
    high = np.maximum(opening, close) + rng.integers(0, 5, count)
    low = np.minimum(opening, close) - rng.integers(0, 5, count)
    prices = (each * PRICE_SCALE for each in (opening, high, low, close))
    volume, oi = rng.integers(1_000, 50_000, count), np.zeros(count, dtype=np.int64)
    # As they come from the database: one table, taken apart.
    series = BarSeries.from_columns(np.column_stack((session + place % SESSION * MINUTE, *prices, volume, oi)))
    ends = at_clock(session, time(15, 20)) if squares_off else None
    return Market(series, session, tick=PRICE_SCALE, square_off=ends)


PLAIN = Terms(capital=CAPITAL, sizing=Sizing(units=UNITS), at_touch=False)
"""What all can do alike: no costs, both sides at the next open."""

_LEVIES = ChargeRates(
    stt_buy=Decimal(0),
    stt_sell=Decimal("0.00025"),
    exchange_rate=Decimal("0.0000297"),
    ipft_rate=Decimal("0.000001"),
    gst_on_ipft=True,
    sebi_rate=Decimal("0.000001"),
    stamp_buy=Decimal("0.00003"),
    stamp_sell=Decimal(0),
    gst_rate=Decimal("0.18"),
)
_PLAN = BrokerageRates(flat=Decimal(0), rate=Decimal("0.0003"), cap=Decimal(20))
COSTLY = Terms(
    capital=CAPITAL,
    sizing=Sizing(units=UNITS),
    slippage_ticks=1,
    rates={None: (_LEVIES, _PLAN), date(2016, 1, 1): (_LEVIES, _PLAN)},
)
"""Ours as it is used: bid and ask, slippage, the levies of the day line by line."""
