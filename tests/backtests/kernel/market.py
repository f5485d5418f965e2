"""Made-up markets and rates."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np

from backtests.domain.kernel import Market, at_clock
from trading.marketdata.domain.bars import DAY, MINUTE, BarSeries
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates

MONDAY = int(datetime(2024, 1, 1, 3, 45, tzinfo=UTC).timestamp())
"""09:15 in India."""
TICK = 500

RATES = ChargeRates(
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
PLAN = BrokerageRates(flat=Decimal(0), rate=Decimal("0.0003"), cap=Decimal(20))
CHARGED = {None: (RATES, PLAN)}
RISEN = {
    date(2023, 1, 1): (RATES, PLAN),
    date(2024, 1, 2): (RATES, BrokerageRates(flat=Decimal(5), rate=Decimal("0.001"), cap=None, floor=Decimal(2))),
}


def market_of(
    rows: list[tuple[int, int, int, int]],
    *,
    a_session: int = 6,
    seconds: int = MINUTE,
    tick: int = TICK,
    lot: int = 1,
    square_off: time | None = None,
    volumes: Sequence[int] | int = 1000,
) -> Market:
    """Bars (open, high, low, close in ticks) of sessions that open at 09:15, one a day."""
    count = len(rows)
    places = np.arange(count, dtype=np.int64)
    session = MONDAY + places // a_session * DAY
    prices = np.array(rows, dtype=np.int64).reshape(count, 4) * tick
    series = BarSeries(
        start=session + places % a_session * seconds,
        open=prices[:, 0].copy(),
        high=prices[:, 1].copy(),
        low=prices[:, 2].copy(),
        close=prices[:, 3].copy(),
        volume=np.array(np.broadcast_to(volumes, count), dtype=np.int64),
        oi=np.zeros(count, dtype=np.int64),
    )
    instants = None if square_off is None else at_clock(session, square_off)
    return Market(series, session, tick=tick, lot=lot, square_off=instants)


def random_rows(count: int, seed: int, start: int = 2_000, reach: int = 12) -> list[tuple[int, int, int, int]]:
    """A walk in ticks whose bars touch, gap and stand still."""
    rng = np.random.default_rng(seed)
    rows, price = [], start
    for _ in range(count):
        opening = max(price + int(rng.integers(-reach // 3, reach // 3 + 1)), 50)
        close = max(opening + int(rng.integers(-reach, reach + 1)), 50)
        high = max(opening, close) + int(rng.integers(0, reach // 2))
        low = max(min(opening, close) - int(rng.integers(0, reach // 2)), 1)
        rows.append((opening, high, low, close))
        price = close
    return rows
