"""The kernel against the engine: the same strategy of signals, fill by fill and to the paisa.

The engine replays bars through the paper exchange's own matching: this holds the kernel to what paper trading does.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.calendar import net_in_paise
from backtests.domain.engine import BacktestResult, Ending, FlatRules, Funds, Slippage, plain_listing
from backtests.domain.engine.data import SettlementDay
from backtests.domain.kernel import (
    Depository,
    KernelResult,
    LineMemory,
    Market,
    Sides,
    Sizing,
    Terms,
    at_clock,
    run,
    signals_of,
)
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import DAY, MINUTE, BarSeries, scale_price
from trading.orders.domain.slippage import SlippageModel
from trading.portfolio.domain.holding_costs import DepositoryFee
from trading.strategies.catalogue.ma_cross import MovingAverageCross
from trading.strategies.domain import SignalStrategy
from trading.strategies.domain.host import Size

from ..engine.made import OPEN, SYMBOL, run_one
from ..engine.made import market_of as engine_market
from .market import PLAN, RATES, TICK, random_rows

FEE = Decimal(50)
"""Of an order that squares off; 18 % of it are due as tax."""
_TAXED_FEE = 59_00
DEEP = 120_000_000
"""A volume whose replayed book no order of these tests walks through."""


def _series(rows: list[tuple[int, int, int, int]], a_session: int, volumes: int | list[int] = DEEP) -> BarSeries:
    """Minutes of sessions from Monday to Friday; rows in ticks."""
    place = np.arange(len(rows), dtype=np.int64)
    day = place // a_session
    start = OPEN + (day + day // 5 * 2) * DAY + place % a_session * MINUTE
    prices = np.array(rows, dtype=np.int64).reshape(-1, 4) * TICK
    volume, oi = np.broadcast_to(volumes, len(rows)), np.zeros(len(rows), dtype=np.int64)
    return BarSeries.from_columns(np.column_stack((start, prices, volume, oi)))


def _given(signals: list[int]) -> type[SignalStrategy]:
    """A strategy that wants what a test says."""

    def wanted(self, bars, lines):
        return np.array(signals[: len(bars)], dtype=np.int8)

    return type("Given", (SignalStrategy,), {"key": "given", "signals": wanted})


def _square_off(a_session: int) -> time:
    """Two bars before a session's end."""
    minute = 9 * 60 + 15 + a_session - 2
    return time(minute // 60, minute % 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules(FlatRules):
    """Shares arrive after so many weekdays, when the session is over."""

    cycle: int = 1

    def settlement(self, day: date) -> SettlementDay:
        arrives = day
        for _ in range(self.cycle):
            arrives += timedelta(days={4: 3}.get(arrives.weekday(), 1))
        return SettlementDay(arrives, FlatRules.settlement(self, day).payout, 1)


def _depository(fee: DepositoryFee, days: int, cycle: int) -> Depository:
    """The same for the kernel, whose days here are weekdays one after another."""
    place = np.arange(days, dtype=np.int64)
    spared = place if fee.on_unsettled else np.maximum(place - cycle, 0)
    return Depository(np.full(days, fee.charge_paise(RATES.gst_rate)), spared)


@dataclass(frozen=True)
class Compared:
    """One strategy over one market in both."""

    engine: BacktestResult
    kernel: KernelResult
    market: Market

    def assert_same(self) -> None:
        """Every fill, every bar's equity that the engine knows, and the end."""
        assert self.engine.ending is Ending.FINISHED, self.engine.reason
        ours, start = self.kernel.fills, self.market.bars.start
        columns = (ours.bar, ours.quantity, ours.price, ours.charges)
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == [
            (
                int(np.searchsorted(start, int(fill.at.timestamp()), side="right")) - 1,
                fill.quantity * fill.side.sign,
                scale_price(fill.price),
                fill.charges_paise,
            )
            for fill in self.engine.fills
        ]
        known = np.isin(start + MINUTE, self.engine.times)
        assert known.sum() > len(start) // 2
        ends = dict(zip(self.engine.times.tolist(), self.engine.equity.tolist(), strict=True))
        assert self.kernel.equity[known].tolist() == [ends[each] for each in (start[known] + MINUTE).tolist()]
        assert self.kernel.equity[-1] == self.engine.final_paise
        assert self.kernel.figures.charges[0] == self.engine.charges_paise
        self._assert_same_trades()

    def _assert_same_trades(self) -> None:
        """What round trips have earned, each as the fills of its ends were split."""
        earned = [net_in_paise(trip) for trips in self.engine.round_trips().values() for trip in trips]
        assert (self.kernel.trades().net // 100).tolist() == earned
        figures = self.kernel.figures
        assert figures.trades[0] == len(earned)
        if earned:
            assert (figures.best_trade[0], figures.worst_trade[0]) == (max(earned), min(earned))
            assert figures.expectancy[0] == pytest.approx(sum(earned) / len(earned))

    @property
    def outsized(self) -> int:
        """Orders that the kernel says are larger than what their first minute displays."""
        return int(self.kernel.figures.outsized[0])

    def outlasts(self) -> bool:
        """Whether an order of the engine was not done in the minute that it was sent in."""
        sent = {order.id: _minute(order.created_at) for order in self.engine.orders}
        late = any(_minute(fill.at) != sent[fill.order_id] for fill in self.engine.fills)
        undone = (order for order in self.engine.orders if order.filled_quantity < order.quantity)
        return late or any(_minute(order.updated_at) != _minute(order.created_at) for order in undone)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _both(
    strategy: type[SignalStrategy],
    series: BarSeries,
    *,
    a_session: int,
    product: Product,
    sizing: Sizing,
    slippage: int = 0,
    parameters: dict[str, Any] | None = None,
    lot: int = 1,
    fee: DepositoryFee | None = None,
    cycle: int = 1,
) -> Compared:
    ends = _square_off(a_session)
    engine = run_one(
        strategy,
        engine_market(
            series,
            listings=[plain_listing(SYMBOL, lot=lot)],
            rules=_Rules(
                charges=RATES,
                brokerage_rates=PLAN,
                square_off_at=ends,
                square_off_fee=FEE,
                depository=fee,
                cycle=cycle,
            ),
        ),
        product=product,
        settings=parameters or {},
        last=date.fromordinal(date(1970, 1, 1).toordinal() + int(series.start[-1] // DAY)),
        capital=Decimal(1_000_000),
        funds=Funds.ENDLESS,
        slippage=Slippage(model=SlippageModel.TICKS, value=Decimal(slippage)),
        size=Size(units=sizing.units, share=sizing.share),
    )
    session = OPEN + (series.start - OPEN) // DAY * DAY
    closing = at_clock(session, ends) if product is Product.INTRADAY else None
    delivers = fee is not None and product is Product.DELIVERY
    demat = _depository(fee, len(np.unique(session)), cycle) if delivers else None
    market = Market(series, session, tick=TICK, lot=lot, square_off=closing, depository=demat)
    sides = Sides.LONG if product is Product.DELIVERY else Sides.BOTH
    terms = Terms(
        capital=Decimal(1_000_000),
        sizing=sizing,
        sides=sides,
        walks_depth=True,
        protection=FlatRules().protection,
        slippage_ticks=slippage,
        rates={None: (RATES, PLAN)},
        square_off_fee=Decimal(_TAXED_FEE) / 100,
    )
    signals = signals_of(strategy(**(parameters or {})), LineMemory(market))
    return Compared(engine, run(market, signals, terms), market)


@pytest.mark.parametrize("product", [Product.INTRADAY, Product.DELIVERY])
@pytest.mark.parametrize("sizing", [Sizing(units=100), Sizing(share=Decimal("0.5"))])
def test_a_catalogue_strategy_trades_the_same_in_both(product, sizing):
    series = _series(random_rows(400, 11), 50)
    parameters = {"fast": 3, "slow": 8}
    found = _both(
        MovingAverageCross, series, a_session=50, product=product, sizing=sizing, slippage=1, parameters=parameters
    )
    assert len(found.kernel.fills) > 30
    found.assert_same()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    signals=st.lists(st.sampled_from([-1, 0, 1, 1]), min_size=48, max_size=48),
    product=st.sampled_from([Product.INTRADAY, Product.DELIVERY]),
    sizing=st.sampled_from([Sizing(units=50), Sizing(share=Decimal("0.3")), Sizing(share=Decimal(3))]),
    slippage=st.integers(0, 3),
    lot=st.sampled_from([1, 25]),
)
def test_any_signals_on_any_bars_trade_the_same_in_both(seed, signals, product, sizing, slippage, lot):
    series = _series(random_rows(48, seed), 12)
    found = _both(_given(signals), series, a_session=12, product=product, sizing=sizing, slippage=slippage, lot=lot)
    found.assert_same()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    signals=st.lists(st.sampled_from([-1, 1, 1]), min_size=48, max_size=48),
    sizing=st.sampled_from([Sizing(units=50), Sizing(share=Decimal("0.3"))]),
    a_session=st.sampled_from([2, 4, 6]),
    spares_coming=st.booleans(),
    cycle=st.sampled_from([1, 2]),
)
def test_what_the_depository_takes_for_delivered_shares_is_the_same_in_both(
    seed, signals, sizing, a_session, spares_coming, cycle
):
    fee = DepositoryFee(Decimal("13.5"), on_unsettled=not spares_coming)
    found = _both(
        _given(signals),
        _series(random_rows(48, seed), a_session),
        a_session=a_session,
        product=Product.DELIVERY,
        sizing=sizing,
        fee=fee,
        cycle=cycle,
    )
    found.assert_same()


volumes = st.lists(st.integers(1, 60).map(lambda size: size * 12), min_size=48, max_size=48)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    reach=st.sampled_from([3, 12, 40]),
    volumes=volumes,
    signals=st.lists(st.sampled_from([-1, 0, 1, 1]), min_size=48, max_size=48),
    product=st.sampled_from([Product.INTRADAY, Product.DELIVERY]),
    sizing=st.sampled_from([Sizing(units=25), Sizing(units=150), Sizing(share=Decimal("0.02"))]),
    slippage=st.integers(0, 30),
    lot=st.sampled_from([1, 25]),
)
def test_orders_beyond_the_best_price_walk_the_same_book_in_both(
    seed, reach, volumes, signals, product, sizing, slippage, lot
):
    series = _series(random_rows(48, seed, reach=reach), 12, [each * lot for each in volumes])
    found = _both(_given(signals), series, a_session=12, product=product, sizing=sizing, slippage=slippage, lot=lot)
    if found.outsized:
        assert found.outlasts()
    else:
        found.assert_same()
