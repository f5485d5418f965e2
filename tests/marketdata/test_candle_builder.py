from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.marketdata.builders import OPENING, at, make_tick
from trading.marketdata.domain.candle_builder import Bar, CandleBuilder
from trading.marketdata.domain.tick import Tick

ticks_within_tolerance = st.lists(
    st.builds(
        lambda seconds, paise, volume, oi: Tick(
            key="NSE:RELIANCE",
            price=Decimal(paise).scaleb(-2),
            timestamp=OPENING + timedelta(seconds=seconds),
            volume=volume,
            oi=oi,
        ),
        st.integers(0, 179),
        st.integers(9_000, 11_000),
        st.one_of(st.none(), st.integers(0, 1_000)),
        st.one_of(st.none(), st.integers(0, 50)),
    ),
    min_size=1,
    max_size=40,
)


def bars_of(ticks: list[Tick], *, opens_at: datetime | None = OPENING) -> dict[int, Bar]:
    """The final version of each bar, drained after every tick as a live feed would."""
    builder = CandleBuilder()
    bars: dict[int, Bar] = {}
    for tick in ticks:
        assert builder.add(tick, opens_at=opens_at)
        bars |= {bar.start: bar for bar in builder.drain()}
    return bars


@given(ticks_within_tolerance, st.randoms(use_true_random=False), st.booleans())
def test_any_order_and_duplication_of_ticks_gives_the_same_bars(ticks, random, watched_from_open):
    opens_at = OPENING if watched_from_open else None
    shuffled = [*ticks, *random.sample(ticks, k=len(ticks) // 2)]
    random.shuffle(shuffled)
    builder = CandleBuilder()
    for tick in shuffled:
        builder.add(tick, opens_at=opens_at)
    assert {bar.start: bar for bar in builder.drain()} == _drained_once(ticks, opens_at)


def _drained_once(ticks: list[Tick], opens_at: datetime | None) -> dict[int, Bar]:
    builder = CandleBuilder()
    for tick in ticks:
        builder.add(tick, opens_at=opens_at)
    return {bar.start: bar for bar in builder.drain()}


@given(ticks_within_tolerance)
def test_volume_is_never_negative_and_prices_are_possible(ticks):
    for bar in bars_of(ticks).values():
        assert bar.volume >= 0
        assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


@given(ticks_within_tolerance)
def test_volumes_add_up_to_the_highest_counter_of_a_session_watched_from_its_open(ticks):
    final = _drained_once([make_tick("100", volume=0), *ticks], OPENING)
    assert sum(bar.volume for bar in final.values()) == max((tick.volume or 0 for tick in ticks), default=0)


def test_open_and_close_follow_exchange_time_and_not_arrival():
    bars = bars_of([make_tick("102", 0.5), make_tick("101", 0.9), make_tick("100", 0.1)])
    (bar,) = bars.values()
    assert (bar.open, bar.high, bar.low, bar.close) == (1_000_000, 1_020_000, 1_000_000, 1_010_000)


def test_a_counter_that_steps_back_adds_nothing():
    bars = bars_of(
        [
            make_tick(volume=100),
            make_tick(minutes=0.5, volume=150),
            make_tick(minutes=1.1, volume=140),
            make_tick(minutes=1.2, volume=160),
        ]
    )
    assert [bar.volume for bar in bars.values()] == [150, 10]


def test_in_mid_session_volume_counts_from_the_first_counter_and_the_first_minute_is_not_whole():
    first, second = bars_of(
        [make_tick(volume=5_000), make_tick(minutes=0.5, volume=5_030), make_tick(minutes=1, volume=5_100)],
        opens_at=at(-60),
    ).values()
    assert (first.volume, first.whole) == (30, False)
    assert (second.volume, second.whole) == (70, True)


def test_a_tick_later_than_the_tolerance_is_refused():
    builder = CandleBuilder(keep_minutes=3)
    assert builder.add(make_tick(minutes=10))
    assert builder.add(make_tick(minutes=8))
    assert not builder.add(make_tick(minutes=7))


def test_the_counter_restarts_on_the_next_day():
    builder = CandleBuilder()
    builder.add(make_tick(volume=1_000), opens_at=OPENING)
    builder.add(make_tick(minutes=24 * 60, volume=40), opens_at=OPENING + timedelta(days=1))
    (bar,) = builder.drain()
    assert bar.volume == 40


def test_only_finished_minutes_are_drained_when_a_limit_is_given():
    builder = CandleBuilder()
    builder.add(make_tick("100", 0.5))
    builder.add(make_tick("101", 1.5))
    assert [bar.close for bar in builder.drain(at(1.7))] == [1_000_000]
    forming = builder.forming("NSE:RELIANCE")
    assert forming is not None
    assert forming.close == 1_010_000
    assert [bar.close for bar in builder.drain(at(2))] == [1_010_000]
