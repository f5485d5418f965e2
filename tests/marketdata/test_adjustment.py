"""Adjusted series: exact factors, order of prices kept, nothing touched from the ex-date on."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.domain.permissions import Role
from tests.factories import make_instrument, make_member
from tests.marketdata.daily_days import store_day
from trading.instruments.models import CorporateAction, Instrument
from trading.marketdata.domain.adjustment import PriceEvent, adjust, dividend_event, shares_event
from trading.marketdata.domain.bars import DAY, IST_OFFSET, BarSeries, Interval
from trading.marketdata.selectors import candles

KIND = CorporateAction.Kind


def series_of(bars: list[tuple[int, int, int, int, int, int]]) -> BarSeries:
    """From (day, open, high, low, close, volume)."""
    rows = [(day * DAY - IST_OFFSET, *values, 0) for day, *values in bars]
    return BarSeries.from_columns(np.array(rows, dtype=np.int64).reshape(-1, 7))


fractions = st.builds(Fraction, st.integers(1, 10**6), st.integers(1, 10**6))
events = st.builds(PriceEvent, st.integers(0, 40), fractions, fractions)


@st.composite
def some_series(draw: st.DrawFn) -> BarSeries:
    bars = []
    for day in sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=12))):
        low, first, last, high = sorted(draw(st.tuples(*[st.integers(1, 10**12)] * 4)))
        bars.append((day, first, high, low, last, draw(st.integers(0, 10**10))))
    return series_of(bars)


@example(
    series_of([(0, 10**12, 10**12, 10**12, 10**12, 0)]),
    [PriceEvent(1, Fraction(10**6)), PriceEvent(2, Fraction(10**6))],
)
@given(some_series(), st.lists(events, max_size=4))
def test_each_price_is_the_exact_product_rounded_half_up(series: BarSeries, happened: list[PriceEvent]) -> None:
    adjusted = adjust(series, happened)
    for row, start in enumerate(series.start.tolist()):
        day = (start + IST_OFFSET) // DAY
        price, volume = Fraction(1), Fraction(1)
        for event in happened:
            if day < event.day:
                price, volume = price * event.price, volume * event.volume
        for name in ("open", "high", "low", "close"):
            expected = int(getattr(series, name)[row]) * price + Fraction(1, 2)
            assert int(getattr(adjusted, name)[row]) == min(max(1, expected.__floor__()), 2**63 - 1)
        assert adjusted.oi[row] == series.oi[row]


@given(some_series(), st.lists(events.filter(lambda each: each.price <= 1 and each.volume <= 1), max_size=4))
def test_low_and_high_still_bound_open_and_close(series: BarSeries, happened: list[PriceEvent]) -> None:
    adjusted = adjust(series, happened)
    assert (adjusted.low >= 1).all()
    assert (adjusted.low <= np.minimum(adjusted.open, adjusted.close)).all()
    assert (adjusted.high >= np.maximum(adjusted.open, adjusted.close)).all()


def test_a_split_and_a_bonus_of_one_day_multiply_and_the_ex_date_itself_is_untouched() -> None:
    series = series_of(
        [
            (9, 93_310_000, 93_310_000, 93_310_000, 93_310_000, 10),
            (
                10,
                9_560_000,
            )
            + (9_560_000,) * 3
            + (50,),
        ]
    )
    adjusted = adjust(series, [shares_event(10, held=1, after=5), shares_event(10, held=1, after=2)])
    assert adjusted.close.tolist() == [9_331_000, 9_560_000]
    assert adjusted.volume.tolist() == [100, 50]


def test_a_dividend_above_the_price_is_no_event() -> None:
    assert dividend_event(10, amount=Decimal(5), close=Decimal(5)) is None
    event = dividend_event(10, amount=Decimal("1.50"), close=Decimal(100))
    assert event == PriceEvent(10, Fraction(197, 200))


@pytest.fixture
def stock(db: None) -> Instrument:
    """Three trading days of 2022 around an ex-date on the second."""
    instrument = make_instrument("NSE:RELIANCE")
    store_day(instrument, date(2022, 3, 9), close="1000")
    store_day(instrument, date(2022, 3, 10), close="510")
    store_day(instrument, date(2022, 3, 11), close="520")
    CorporateAction.objects.create(
        instrument=instrument, kind=KIND.BONUS, ex_date=date(2022, 3, 10), ratio_held=1, ratio_after=2
    )
    CorporateAction.objects.create(
        instrument=instrument, kind=KIND.DIVIDEND, ex_date=date(2022, 3, 11), amount=Decimal("5.10")
    )
    return instrument


END = datetime(2022, 3, 12, tzinfo=UTC)
START = END - timedelta(days=6)


@pytest.mark.parametrize(
    ("kinds", "closes"),
    [
        (None, [10_000_000, 5_100_000, 5_200_000]),
        ({KIND.SPLIT}, [10_000_000, 5_100_000, 5_200_000]),
        ({KIND.BONUS}, [5_000_000, 5_100_000, 5_200_000]),
        ({KIND.DIVIDEND}, [9_900_000, 5_049_000, 5_200_000]),
        ({KIND.BONUS, KIND.DIVIDEND}, [4_950_000, 5_049_000, 5_200_000]),
    ],
)
def test_each_kind_is_a_choice_of_its_own(stock: Instrument, kinds: set[KIND] | None, closes: list[int]) -> None:
    series = candles(
        stock, Interval.D1, start=START, end=END, adjusted=kinds is not None, adjust_for=kinds or frozenset()
    )
    assert series.close.tolist() == closes


def test_a_week_over_an_ex_date_is_built_from_adjusted_days(stock: Instrument) -> None:
    week = candles(stock, Interval.W1, start=START, end=END, adjusted=True)
    assert (week.high.tolist(), week.low.tolist()) == ([5_200_000], [5_000_000])
    raw = candles(stock, Interval.W1, start=START, end=END)
    assert (raw.high.tolist(), raw.low.tolist()) == ([10_000_000], [5_100_000])


def test_the_api_takes_true_or_kinds_and_refuses_what_is_none(stock: Instrument, client: Client) -> None:
    client.force_login(make_member(Role.VIEWER).user)
    span = {"interval": "1d", "from": START.isoformat(), "to": END.isoformat()}

    def closes(wanted: str) -> list[str]:
        answer = client.get("/api/v1/candles/NSE:RELIANCE", {**span, "adjusted": wanted}).json()
        return [row[4] for row in answer["candles"]]

    assert closes("false") == ["1000.00", "510.00", "520.00"]
    assert closes("true") == ["500.00", "510.00", "520.00"]
    assert closes("dividend,bonus") == ["495.00", "504.90", "520.00"]
    refused = client.get("/api/v1/candles/NSE:RELIANCE", {**span, "adjusted": "splits"})
    assert (refused.status_code, "adjusted" in refused.json()["errors"]) == (400, True)
