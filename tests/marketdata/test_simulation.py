from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from trading.instruments.demo import seed_simulated_instruments
from trading.marketdata.domain.bars import scale_price
from trading.marketdata.feeds.simulated import SimulatedFeed, SimulatedInstrument, Universe
from trading.marketdata.feeds.simulated.market import activity
from trading.marketdata.feeds.simulated.options import RISK_FREE_RATE, black76
from trading.marketdata.feeds.simulated.runners import simulate_history, simulated_runner
from trading.marketdata.models import Candle
from trading.marketdata.selectors import last_prices

AT = datetime(2026, 11, 20, 5, tzinfo=UTC)
EXPIRY = date(2026, 11, 24)


def universe() -> Universe:
    tick = Decimal("0.05")
    options = [
        SimulatedInstrument(
            f"NFO:N{strike}{kind}", f"N{strike}{kind}", kind, tick, 65, "NIFTY", EXPIRY, Decimal(strike)
        )
        for strike in (20_000, 24_000, 28_000)
        for kind in ("CE", "PE")
    ]
    return Universe(
        [
            SimulatedInstrument("NSE:RELIANCE", "RELIANCE", "EQ", Decimal("0.10")),
            SimulatedInstrument("NSE:TCS", "TCS", "EQ", tick),
            SimulatedInstrument("NSE:NIFTY", "NIFTY", "INDEX", tick),
            SimulatedInstrument("NFO:NIFTYFUT", "NIFTYFUT", "FUT", tick, 65, "NIFTY", EXPIRY),
            *options,
        ],
        levels={"NSE:NIFTY": Decimal(24_000), "NSE:RELIANCE": Decimal(1_300)},
    )


def run(seed: int, steps: int) -> list[list[tuple[str, Decimal, int | None]]]:
    feed = SimulatedFeed(universe(), seed=seed)
    return [
        [(tick.key, tick.price, tick.volume) for tick in feed.step(AT + timedelta(seconds=step / 4))]
        for step in range(steps)
    ]


def test_the_same_seed_gives_the_same_market_and_another_seed_another():
    assert run(7, 200) == run(7, 200)
    assert run(7, 200) != run(8, 200)


def test_every_tick_is_possible_and_every_book_uncrossed_on_the_tick_grid():
    feed = SimulatedFeed(universe(), seed=1)
    volumes: dict[str, int] = {}
    for step in range(400):
        for tick in feed.step(AT + timedelta(seconds=step / 4)):
            size = Decimal("0.10") if tick.key == "NSE:RELIANCE" else Decimal("0.05")
            prices = [tick.price, *(level.price for level in tick.bids + tick.asks)]
            assert all(price >= size and price % size == 0 for price in prices)
            assert all(level.quantity > 0 for level in tick.bids + tick.asks)
            assert [each.price for each in tick.bids] == sorted({each.price for each in tick.bids}, reverse=True)
            assert [each.price for each in tick.asks] == sorted({each.price for each in tick.asks})
            if tick.bids and tick.asks:
                assert tick.bids[0].price < tick.asks[0].price
            assert (tick.volume or 0) >= volumes.get(tick.key, 0)
            volumes[tick.key] = tick.volume or 0
    assert volumes["NSE:NIFTY"] == 0
    assert volumes["NSE:RELIANCE"] > 0


def test_options_keep_put_call_parity_and_never_fall_below_a_tick():
    feed = SimulatedFeed(universe(), seed=3)
    last: dict[str, Decimal] = {}
    for step in range(60):
        last |= {tick.key: tick.price for tick in feed.step(AT + timedelta(seconds=step / 4))}
    assert min(last.values()) >= Decimal("0.05")
    forward = float(last["NFO:NIFTYFUT"])
    assert float(last["NFO:N24000CE"] - last["NFO:N24000PE"]) == pytest.approx(forward - 24_000, abs=12)


def test_black76_agrees_with_a_worked_example():
    # Hull, Options, Futures and Other Derivatives, example 18.6: F = K = 20, r = 9 %, σ = 25 %, 4 months.
    forward, strike, years, volatility = (np.array([value]) for value in (20.0, 20.0, 4 / 12, 0.25))
    discounted = black76(forward, strike, years, volatility, np.array([False]))[0]
    premium = discounted * np.exp(RISK_FREE_RATE * 4 / 12) * np.exp(-0.09 * 4 / 12)
    assert premium == pytest.approx(1.12, abs=0.005)


def test_turnover_is_u_shaped():
    day = [activity(9.25 * 3600 + 60 * minute) for minute in range(375)]
    assert day[0] > 2 * day[187] < day[-1]
    assert sum(day) / len(day) == pytest.approx(1.0, abs=0.01)


@pytest.mark.django_db
def test_history_ends_where_the_live_simulation_begins_and_is_written_once(settings):
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    instruments = seed_simulated_instruments(date(2026, 11, 20))
    report = simulate_history(days=1, keys=["NSE:RELIANCE", "NSE:TCS", "NSE:NIFTY"])
    assert report.counts.inserted >= 3 * 375
    assert simulate_history(days=1, keys=["NSE:RELIANCE", "NSE:TCS", "NSE:NIFTY"]).counts.inserted <= 3
    reliance = next(each for each in instruments if each.key == "NSE:RELIANCE")
    stored = last_prices([reliance.pk])[reliance.pk]
    runner = simulated_runner(keys=["NSE:RELIANCE", "NSE:TCS", "NSE:NIFTY"])
    first = next(tick for tick in runner.feed.step(AT) if tick.key == "NSE:RELIANCE")  # type: ignore[attr-defined]
    assert abs(first.price - stored) <= stored * Decimal("0.005")
    candle = Candle.objects.filter(instrument=reliance).order_by("-start")[0]
    assert scale_price(candle.close) == scale_price(stored)
