"""Over several days a back-test comes to what a paper account comes to, to the paisa, at the end of each of them.

One strategy, the same host and the same stored minutes: once through the real services with the calendar's jobs
(`day_open`, `deliveries_settle`, the auction, square-off, `day_close`), once in the engine. It buys and sells
shares for delivery (before they have arrived too), on borrowed money through a split, carries a future, and holds
stock options to their end, so that shares are delivered.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from backtests.domain.engine import BacktestSpec, StrategySpec
from backtests.domain.engine.loop import Course
from backtests.selectors.market import DatabaseMarketData
from core.clock import IST
from core.tenancy import tenant_scope
from tests.factories import make_instrument
from tests.orders.desk import Desk, make_desk
from trading.brokers.domain.terms import Product
from trading.instruments.models import CorporateAction, Instrument
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.marketdata.services import candles_write, months_of, partitions_ensure
from trading.portfolio.models import Position
from trading.strategies.domain import Context, Strategy
from trading.strategies.domain.host import StrategyHost

from .paper_days import Evening, PaperDays, minutes_on, span, state_of
from .paper_world import RUN
from .test_parity import STEPS, opens, set_clock

__all__ = ["opens", "set_clock"]

THURSDAY, FRIDAY, MONDAY, TUESDAY, WEDNESDAY = DAYS = [date(2026, 11, day) for day in (12, 13, 16, 17, 18)]
SHARE, LENT = "NSE:RELIANCE", "NSE:TCS"
FUTURE, CALL, PUT = "NFO:RELIANCE26NOVFUT", "NFO:RELIANCE26NOV980CE", "NFO:RELIANCE26NOV900PE"
KEYS = (SHARE, LENT, FUTURE, CALL, PUT)
CAPITAL = Decimal(50_00_000)
DELIVERY, BORROWED, CARRIED, INTRADAY = Product.DELIVERY, Product.MTF, Product.NORMAL, Product.INTRADAY
MORNING, CLOSING, AUCTION = span("09:15", 9), span("15:08", 7), ["15:33", "15:34"]


class Busy(Strategy):
    """Does what stands in `WISHES`, by day and by the number of the share's bar on it."""

    def on_start(self, ctx: Context) -> None:
        self.bars: dict[date, int] = {}

    def on_bar(self, ctx: Context, bar: Any) -> None:
        if bar.symbol != SHARE:
            return
        day = ctx.now.date()
        self.bars[day] = self.bars.get(day, -1) + 1
        for act in WISHES.get((day, self.bars[day]), ()):
            act(ctx)


def buy(units: int, symbol: str, product: Product, **terms: Any) -> Callable[[Context], object]:
    return lambda ctx: ctx.buy(units, symbol, product=product, **terms)


def sell(units: int, symbol: str, product: Product, **terms: Any) -> Callable[[Context], object]:
    return lambda ctx: ctx.sell(units, symbol, product=product, **terms)


LAST = 15
"""The bar that ends with the share's continuous trading; what is sent then stands in the auction."""
WISHES: dict[tuple[date, int], list[Callable[[Context], object]]] = {
    (THURSDAY, 0): [buy(100, SHARE, DELIVERY), buy(70, LENT, BORROWED)],
    (THURSDAY, 1): [buy(500, FUTURE, CARRIED)],
    (THURSDAY, 2): [buy(250, CALL, CARRIED), sell(250, PUT, CARRIED)],
    (THURSDAY, 3): [sell(40, SHARE, DELIVERY), buy(9, SHARE, DELIVERY, price=Decimal(960))],
    (THURSDAY, LAST): [buy(30, SHARE, DELIVERY), sell(25, SHARE, DELIVERY, price=Decimal(960))],
    (FRIDAY, 1): [sell(30, SHARE, DELIVERY), buy(20, LENT, BORROWED)],
    (FRIDAY, 2): [sell(750, FUTURE, CARRIED), sell(15, LENT, BORROWED)],
    (FRIDAY, 4): [buy(30, SHARE, DELIVERY)],
    (MONDAY, 1): [sell(33, SHARE, DELIVERY), sell(60, LENT, BORROWED)],
    (MONDAY, 2): [sell(40, SHARE, INTRADAY), buy(250, FUTURE, INTRADAY)],
    (MONDAY, LAST): [sell(10, SHARE, DELIVERY), buy(5, SHARE, DELIVERY, trigger_price=Decimal(2000))],
    (TUESDAY, 1): [sell(5, SHARE, DELIVERY)],
    (TUESDAY, 3): [buy(5, SHARE, DELIVERY), sell(3, LENT, BORROWED)],
    (WEDNESDAY, 1): [sell(200, SHARE, DELIVERY), buy(250, FUTURE, CARRIED)],
    (WEDNESDAY, 2): [sell(10, LENT, BORROWED)],
}


def prices(seed: int, base: int, day: date, times: list[str], *, lot: int) -> np.ndarray[Any, Any]:
    """Minutes on the tick around a price (rupees), a little different each day."""
    chance = np.random.default_rng(seed * 100 + day.day)
    path = base * 10_000 + 500 * np.cumsum(chance.integers(-30, 31, len(times) + 1))
    opening, close = path[:-1], path[1:]
    high = np.maximum(opening, close) + 500 * chance.integers(0, 9, len(times))
    low = np.minimum(opening, close) - 500 * chance.integers(0, 9, len(times))
    volume = lot * chance.integers(40, 400, len(times))
    starts = minutes_on(day, *times)
    return np.column_stack((starts, opening, high, low, close, volume, np.zeros(len(times)))).astype(np.int64)


def days_of(key: str) -> BarSeries:
    """Some minutes of the morning, some around the end of the day, and of the share some of its auction."""
    contract = key.startswith("NFO:")
    closing = span("15:28", 12) if contract else (CLOSING + AUCTION if key == SHARE else span("15:26", 4))
    last = {CALL: TUESDAY, PUT: TUESDAY}.get(key, WEDNESDAY)
    base = {SHARE: 1000, LENT: 3000, FUTURE: 1004, CALL: 40, PUT: 8}[key]
    drift = {SHARE: 11, FUTURE: 11, CALL: 9, PUT: -1, LENT: -20}[key]
    parts = []
    for number, day in enumerate(each for each in DAYS if each <= last):
        level = base + drift * number
        if key == LENT and day >= MONDAY:
            level = level * 3 // 5
        parts.append(prices(KEYS.index(key), level, day, MORNING + closing, lot=250 if contract else 1))
    return BarSeries.from_columns(np.concatenate(parts))


@pytest.fixture
def desk(db: None, set_clock: Callable[[datetime], None]) -> Iterator[Desk]:
    desk: Desk = make_desk(paise=int(CAPITAL) * 100, key=SHARE)
    with tenant_scope(desk.organisation.id):
        yield desk


@pytest.fixture
def instruments(desk: Desk) -> dict[str, Instrument]:
    Instrument.objects.filter(pk=desk.instrument.pk).update(has_derivatives=True)
    desk.instrument.refresh_from_db()
    contracts = {
        key: make_instrument(key, expiry=expiry, lot_size=250)
        for key, expiry in ((FUTURE, date(2026, 11, 26)), (CALL, TUESDAY), (PUT, TUESDAY))
    }
    lent = make_instrument(LENT)
    CorporateAction.objects.create(instrument=lent, kind="SPLIT", ex_date=MONDAY, ratio_held=3, ratio_after=5)
    dividend = {"kind": "DIVIDEND", "ex_date": MONDAY, "amount": Decimal("7.5")}
    CorporateAction.objects.create(instrument=desk.instrument, **dividend)
    return {SHARE: desk.instrument, LENT: lent, **contracts}


def stored(instruments: dict[str, Instrument]) -> dict[str, BarSeries]:
    """All minutes, in the database too."""
    bars = {key: days_of(key) for key in instruments}
    partitions_ensure(months_of(DAYS))
    for key, series in bars.items():
        ids = np.full((len(series), 1), instruments[key].pk, dtype=np.int64)
        candles_write(np.hstack((ids, series.columns())), replace=False)
    return bars


def in_the_engine(last: date) -> Evening:
    """The account of a run that ends with a day."""
    spec = StrategySpec(strategy=Busy, symbols=KEYS, interval=Interval.M1, product=DELIVERY, settings={}, name=RUN)
    whole = BacktestSpec(strategies=(spec,), first=THURSDAY, last=last, capital=CAPITAL, steps=STEPS)
    course = Course(whole, DatabaseMarketData(now=datetime(2026, 11, 20, tzinfo=UTC)))
    result = course.run(None, None)
    assert result.reason == ""
    account = course._account
    return Evening(
        {kind.value: paise for kind, paise in account.balances.items()},
        {(key[0], str(key[1])): state_of(state) for key, state in account.positions.items()},
        [(fill.at, fill.symbol, fill.side, fill.quantity, fill.price, fill.charges_paise) for fill in result.fills],
        [
            (
                event.at.astimezone(IST).date(),
                event.kind,
                event.symbol,
                event.quantity_change,
                event.value_paise,
                event.charges_paise,
                event.realised_paise,
            )
            for event in result.events
        ],
    )


def without_capital(evening: Evening) -> dict[str, int]:
    return {kind: paise for kind, paise in evening.balances.items() if kind != "CAPITAL"}


def test_each_day_ends_as_it_does_for_a_paper_account(
    desk: Desk,
    instruments: dict[str, Instrument],
    set_clock: Callable[[datetime], None],
    settings: Settings,
) -> None:
    bars = stored(instruments)
    world = PaperDays(desk, set_clock, instruments, steps=STEPS)
    host = StrategyHost(Busy(), world.port, symbols=KEYS, interval=Interval.M1, product=DELIVERY, capital=CAPITAL)
    evenings = world.play_days(host, bars, DAYS)
    for day in DAYS:
        paper, engine = evenings[day], in_the_engine(day)
        assert engine.fills == paper.fills, day
        assert sorted(engine.events) == sorted(paper.events), day
        assert engine.positions == paper.positions, day
        assert without_capital(engine) == without_capital(paper), day
    kinds = {event[1] for event in evenings[WEDNESDAY].events}
    assert kinds == {
        "M2M",
        "INTEREST",
        "DP_CHARGE",
        "SPLIT",
        "DIVIDEND",
        "EXERCISE",
        "EXPIRY",
        "DELIVERY",
        "SQUARE_OFF_FEE",
    }
    assert Position.objects.filter(account=desk.account).count() == 7
    in_auctions = [fill for fill in evenings[WEDNESDAY].fills if fill[0].astimezone(IST).time() > time(15, 30)]
    assert [(fill[1], fill[3]) for fill in in_auctions] == [(SHARE, 30), (SHARE, 25), (SHARE, 10)]
