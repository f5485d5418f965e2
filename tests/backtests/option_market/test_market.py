"""What is stored comes first, what is missing is made by rule and model, and the notes tell which was which."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtests.domain.engine import Listing, MemoryMarket, plain_listing, weekday_sessions
from backtests.domain.option_market import OptionModel, VolatilityBy, with_options
from backtests.domain.option_market.model import realised
from core.clock import IST
from core.errors import NotFound
from trading.marketdata.domain.bars import BarSeries, Interval
from trading.orders.domain.option_choice import Right
from trading.strategies.domain.market import Contract

INDEX, VIX = "NSE:NIFTY", "NSE:INDIAVIX"
FIRST, LAST = date(2022, 1, 3), date(2022, 2, 11)
CALL = "NFO:NIFTY22JAN13W17500CE"
MINUTES_A_DAY = 375


def second(day: date, hour: int = 9, minute: int = 15) -> int:
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=IST).timestamp())


def series(starts: list[int], closes: list[float]) -> BarSeries:
    """Bars that open at the close before."""
    opens = [closes[0], *closes[:-1]]
    rows = [
        (
            start,
            *(round(price * 10_000) for price in (before, max(before, close), min(before, close), close)),
            100,
            0,
        )
        for start, before, close in zip(starts, opens, closes, strict=True)
    ]
    return BarSeries.from_columns(np.array(rows, dtype=np.int64).reshape(-1, 7))


def walk(seed: int = 7, *, days: int = 30, volatility: float = 0.2) -> tuple[BarSeries, BarSeries]:
    """Minutes of an index that swings at a volatility, and its days."""
    moves = np.random.default_rng(seed).normal(0, volatility / np.sqrt(252 * MINUTES_A_DAY), days * MINUTES_A_DAY)
    spots = (17_500 * np.exp(np.cumsum(moves))).round(2).tolist()
    sessions = [each.day for each in weekday_sessions(FIRST, LAST)][:days]
    starts = [second(day) + 60 * place for day in sessions for place in range(MINUTES_A_DAY)]
    daily = series([second(day, 0, 0) for day in sessions], spots[MINUTES_A_DAY - 1 :: MINUTES_A_DAY])
    return series(starts, spots), daily


def memory(**more: BarSeries) -> MemoryMarket:
    minutes, days = walk()
    bars = {(INDEX, Interval.M1): minutes, (INDEX, Interval.D1): days}
    for name, each in more.items():
        symbol, interval = {"vix": (VIX, Interval.M1), "call": (CALL, Interval.M1), "closes": (CALL, Interval.D1)}[
            name
        ]
        bars[symbol, interval] = each
    listings = {INDEX: plain_listing(INDEX, instrument_type="INDEX")}
    return MemoryMarket(listings=listings, bars_by=bars, days=weekday_sessions(FIRST, LAST))


def stored_call(lot: int = 25) -> Listing:
    contract = Contract(CALL, Decimal("0.05"), lot, None, "NIFTY", date(2022, 1, 13), Right.CALL, Decimal(17500))
    return Listing(contract, "NFO", "CE", INDEX)


def test_expiries_and_strikes_are_those_of_the_time() -> None:
    market = with_options(memory())
    found = market.options("NIFTY", date(2022, 1, 4))
    assert [each.on for each in found][:4] == [date(2022, 1, day) for day in (6, 13, 20, 27)]
    strikes = found[0].strikes
    assert min(b - a for a, b in itertools.pairwise(strikes)) == 50
    before = walk()[1].close[0] / 1e4
    assert float(strikes[0]) == pytest.approx(before * 0.85, abs=50)
    assert float(strikes[-1]) == pytest.approx(before * 1.15, abs=50)
    assert market.options(INDEX, date(2022, 1, 4)) == found, "by key as by symbol"


def test_a_contract_is_found_again_by_its_key() -> None:
    market = with_options(memory())
    weekly = market.option("NIFTY", date(2022, 1, 13), Decimal(17500), "CE")
    monthly = market.option("NIFTY", date(2022, 1, 27), Decimal(17500), "PE")
    assert weekly is not None
    assert monthly is not None
    assert (weekly.symbol, monthly.symbol) == (CALL, "NFO:NIFTY22JAN17500PE")
    assert weekly.lot_size == 50
    fresh = with_options(memory())
    assert fresh.listing(CALL).contract == weekly
    assert fresh.listing(monthly.symbol).contract == monthly
    assert fresh.listing(CALL).underlying == INDEX


@pytest.mark.parametrize(
    "symbol", ["NFO:NIFTY22JAN12W17500CE", "NFO:WHATEVER22JAN100CE", "NSE:NOTHING", CALL + "X"]
)
def test_what_never_was_listed_is_not_found(symbol: str) -> None:
    with pytest.raises(NotFound):
        with_options(memory()).listing(symbol)


def test_no_contract_expires_on_a_day_that_is_no_expiry() -> None:
    assert with_options(memory()).option("NIFTY", date(2022, 1, 12), Decimal(17500), "CE") is None


def test_futures_are_those_of_the_months() -> None:
    found = with_options(memory()).futures("NIFTY", date(2022, 1, 4))
    assert [each.symbol for each in found] == [f"NFO:NIFTY22{month}FUT" for month in ("JAN", "FEB", "MAR")]


def test_a_stored_listing_stands_and_is_not_mixed_with_rules() -> None:
    data = memory()
    data.listings = {**data.listings, CALL: stored_call()}
    market = with_options(data)
    assert [each.on for each in market.options("NIFTY", date(2022, 1, 12))] == [date(2022, 1, 13)]
    assert len(market.options("NIFTY", date(2022, 1, 4))) > 5, "its nearest expiry is not stored"
    found = market.option("NIFTY", date(2022, 1, 13), Decimal(17500), "CE")
    assert found is not None
    assert found.lot_size == 25


def test_shares_need_a_lot_from_somewhere() -> None:
    data = memory()
    minutes, days = walk()
    data.bars_by = {("NSE:ABC", Interval.M1): minutes, ("NSE:ABC", Interval.D1): days}
    data.listings = {"NSE:ABC": plain_listing("NSE:ABC")}
    assert not with_options(data).options("ABC", FIRST)
    market = with_options(data, OptionModel(lot_sizes={"ABC": 250}))
    assert market.options("ABC", FIRST)[0].on == date(2022, 1, 27)
    market.option("ABC", date(2022, 1, 27), Decimal(17500), "CE")
    assert any("ABC 250" in note for note in market.notes([]))


def test_days_without_stored_bars_are_modelled_and_the_notes_say_so() -> None:
    day = date(2022, 1, 11)
    own = series([second(day) + 60 * place for place in range(MINUTES_A_DAY)], [123.45] * MINUTES_A_DAY)
    market = with_options(memory(call=own))
    found = market.bars(CALL, Interval.M1, second(date(2022, 1, 10)), second(date(2022, 1, 12), 15, 30))
    assert len(found) == 3 * MINUTES_A_DAY
    stored = found.close[MINUTES_A_DAY : 2 * MINUTES_A_DAY]
    assert (stored == 1_234_500).all()
    assert (found.close[:MINUTES_A_DAY] != 1_234_500).any()
    notes = market.notes([INDEX])
    assert any("stored bars on 1 days of contracts" in note and CALL in note for note in notes)
    assert any("without any price of their own on 2 days of contracts" in note for note in notes)
    assert any("Black (1976)" in note for note in notes)


def test_a_day_is_stored_or_modelled_as_a_whole() -> None:
    day = date(2022, 1, 11)
    morning = series([second(day) + 60 * place for place in range(30)], [123.45] * 30)
    market = with_options(memory(call=morning))
    assert not len(market.bars(CALL, Interval.M1, second(day, 12), second(day, 13)))


def test_a_bhavcopy_close_anchors_the_volatility_of_the_days_after_it() -> None:
    data = memory()
    dear = _priced_at(0.35, date(2022, 1, 10), data)
    data = memory(closes=series([second(date(2022, 1, 10), 0, 0)], [dear]))
    market = with_options(data, OptionModel(by=VolatilityBy.CONSTANT, volatility=0.12))
    day = date(2022, 1, 11)
    found = market.bars(CALL, Interval.M1, second(day), second(day, 15, 30))
    expected = with_options(
        memory(), OptionModel(by=VolatilityBy.CONSTANT, volatility=0.35, skew=0.0, curvature=0.0)
    ).bars(CALL, Interval.M1, second(day), second(day, 15, 30))
    assert np.abs(found.close - expected.close).max() <= 1_000, "within two ticks"
    assert any("last bhavcopy close on 1 days of contracts" in note for note in market.notes([]))
    before = market.bars(CALL, Interval.M1, second(date(2022, 1, 10)), second(date(2022, 1, 10), 15, 30))
    assert before.close[-1] < round(dear * 10_000), "the close of a day says nothing of the day itself"


def _priced_at(volatility: float, day: date, data: MemoryMarket) -> float:
    model = OptionModel(by=VolatilityBy.CONSTANT, volatility=volatility, skew=0.0, curvature=0.0)
    bars = with_options(data, model).bars(CALL, Interval.M1, second(day), second(day, 15, 30))
    return float(bars.close[-1]) / 1e4


def test_realised_volatility_is_that_of_the_index_and_its_beginning_is_told() -> None:
    day = date(2022, 2, 8)
    closes = walk()[1].close[: len(weekday_sessions(FIRST, day)) - 1] / 1e4
    market = with_options(memory(), OptionModel(sessions=10, markup=1.3, volatility=0.5))
    constant = OptionModel(by=VolatilityBy.CONSTANT, volatility=realised(closes, 10) * 1.3)
    span = (second(day), second(day, 15, 30))
    found = market.bars("NFO:NIFTY22FEB17000CE", Interval.M1, *span)
    assert (
        found.close == with_options(memory(), constant).bars("NFO:NIFTY22FEB17000CE", Interval.M1, *span).close
    ).all()
    market.bars(CALL, Interval.M1, second(FIRST), second(FIRST, 9, 20))
    assert any("On 1 days the volatility was not known yet" in note for note in market.notes([]))


def test_an_index_of_volatility_is_read_at_its_last_closed_bar() -> None:
    day = date(2022, 1, 11)
    vix = series([second(day) + 60 * place for place in range(3)], [15.0, 30.0, 30.0])
    flat = {"skew": 0.0, "curvature": 0.0}
    market = with_options(memory(vix=vix), OptionModel(by=VolatilityBy.INDEX, volatility=0.1, **flat))
    found = market.bars(CALL, Interval.M1, second(day), second(day) + 4 * 60)
    for place, volatility in enumerate((0.1, 0.15, 0.3, 0.3)):
        fixed = with_options(memory(), OptionModel(by=VolatilityBy.CONSTANT, volatility=volatility, **flat))
        alike = fixed.bars(CALL, Interval.M1, second(day), second(day) + 4 * 60)
        assert found.close[place] == alike.close[place]


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(10, 3_000), shock=st.floats(0.8, 1.2), by=st.sampled_from(list(VolatilityBy)))
def test_no_price_depends_on_what_comes_after_it(cut: int, shock: float, by: VolatilityBy) -> None:
    minutes, days = walk()
    columns = minutes.columns()
    columns[cut:, 1:5] = (columns[cut:, 1:5] * shock).round(-2)
    later_days = days.columns()
    later_days[cut // MINUTES_A_DAY :, 1:5] = (later_days[cut // MINUTES_A_DAY :, 1:5] * shock).round(-2)
    model = OptionModel(by=by)
    since, until = int(minutes.start[0]), int(minutes.start[cut])
    first, second_opinion = (
        with_options(
            MemoryMarket(
                listings={INDEX: plain_listing(INDEX, instrument_type="INDEX")},
                bars_by={(INDEX, Interval.M1): m1, (INDEX, Interval.D1): d1},
                days=weekday_sessions(FIRST, LAST),
            ),
            model,
        ).bars("NFO:NIFTY22FEB17500CE", Interval.M1, since, until)
        for m1, d1 in ((minutes, days), (BarSeries.from_columns(columns), BarSeries.from_columns(later_days)))
    )
    assert (first.columns() == second_opinion.columns()).all()


def test_daily_bars_of_a_contract_are_stored_or_modelled_too() -> None:
    stored = series([second(date(2022, 1, 10), 0, 0)], [99.0])
    market = with_options(memory(closes=stored))
    found = market.bars(CALL, Interval.D1, second(date(2022, 1, 10), 0, 0), second(date(2022, 1, 12), 0, 0))
    assert len(found) == 2
    assert found.close[0] == 990_000
    assert found.close[1] != 990_000


def test_a_contract_has_no_bars_after_its_end() -> None:
    market = with_options(memory())
    found = market.bars(CALL, Interval.M1, second(date(2022, 1, 13)), second(date(2022, 1, 18)))
    assert len(found) == MINUTES_A_DAY
    assert datetime.fromtimestamp(int(found.start[-1]), UTC) < datetime(2022, 1, 13, 10, 0, tzinfo=UTC)
    assert not len(market.bars(CALL, Interval.M1, second(date(2022, 1, 14)), second(date(2022, 1, 18))))


def test_past_the_end_of_the_data_weekdays_stand_in_for_the_calendar() -> None:
    late = LAST - timedelta(days=1)
    assert with_options(memory()).options("NIFTY", late)[1].on == date(2022, 2, 17)


def test_contracts_settle_at_the_last_half_hour_where_no_price_is_stored() -> None:
    data = memory()
    minutes = data.bars(INDEX, Interval.M1, second(date(2022, 1, 13), 15, 0), second(date(2022, 1, 13), 15, 30))
    found = with_options(data).settlement_price(INDEX, date(2022, 1, 13))
    assert found is not None
    assert float(found) == pytest.approx(float(minutes.close.mean()) / 1e4, abs=0.01)
    data.settlements = {(INDEX, date(2022, 1, 13)): Decimal(17000)}
    assert with_options(data).settlement_price(INDEX, date(2022, 1, 13)) == 17_000
    assert with_options(data).settlement_price(INDEX, date(2022, 1, 15)) is None
