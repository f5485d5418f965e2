"""Two sources of one instrument, told what to say and when."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.marketdata.builders import OPENING
from trading.marketdata.domain.source_choice import Choice, FailoverTerms, SourceChoice
from trading.marketdata.domain.tick import Tick

TERMS = FailoverTerms(behind_after=3.0, steady_for=10.0)
BEST, SPARE = 0, 1


class Desk:
    """A choice over two sources whose exchange time and arrival go together."""

    def __init__(self) -> None:
        self.choice = SourceChoice(2, TERMS)
        self.published: list[tuple[float, int, int | None]] = []

    def tell(self, source: int, second: float, volume: int | None = None, *, key: str = "NSE:RELIANCE") -> None:
        tick = Tick(key=key, price=Decimal(100), timestamp=OPENING + timedelta(seconds=second), volume=volume)
        chosen = self.choice.take(Choice(source, tick, OPENING), second)
        self._note(second, [chosen] if chosen else [])

    def lose(self, source: int, second: float) -> None:
        self._note(second, self.choice.lost(source, second))

    def wait(self, second: float) -> None:
        self._note(second, self.choice.due(second))

    def sources(self, since: float = 0) -> list[int]:
        return [source for second, source, _ in self.published if second >= since]

    def _note(self, second: float, choices: list[Choice]) -> None:
        self.published += [(second, each.source, each.tick.volume) for each in choices]


def both(desk: Desk, first: int, last: int) -> None:
    for second in range(first, last):
        desk.tell(BEST, second, second * 100)
        desk.tell(SPARE, second + 0.1, second * 100)


def test_while_both_speak_only_the_better_is_published():
    desk = Desk()
    both(desk, 0, 30)
    assert set(desk.sources()) == {BEST}
    assert desk.choice.leads() == [1, 0]


def test_a_source_that_goes_away_is_replaced_at_once_by_what_the_other_last_told():
    desk = Desk()
    both(desk, 0, 10)
    desk.tell(SPARE, 10, 1000)
    assert desk.sources(since=10) == []
    desk.lose(BEST, 10.2)
    assert desk.published[-1] == (10.2, SPARE, 1000)


def test_a_source_that_is_silent_on_one_instrument_only_loses_that_one():
    desk = Desk()
    for second in range(20):
        desk.tell(BEST, second, key="NSE:TCS")
        desk.tell(SPARE, second + 0.1, key="NSE:TCS")
        if second < 5:
            desk.tell(BEST, second)
        desk.tell(SPARE, second + 0.1)
    assert desk.choice.leads() == [1, 1]
    took_over = next(second for second, source, _ in desk.published if source == SPARE)
    assert took_over <= 5 + 2 + TERMS.behind_after + 1


def test_the_last_tick_of_the_spare_is_published_though_no_other_follows():
    desk = Desk()
    both(desk, 0, 5)
    desk.tell(SPARE, 8, 900)
    desk.wait(9)
    assert desk.sources(since=8) == []
    desk.wait(11.5)
    assert desk.published[-1] == (11.5, SPARE, 900)
    desk.wait(12)
    assert desk.sources(since=11.6) == []


def test_an_instrument_that_rarely_trades_stays_with_the_better_source():
    desk = Desk()
    for second in range(0, 600, 60):
        desk.tell(SPARE, second)
        desk.tell(BEST, second + 0.2)
        desk.wait(second + 1)
        desk.wait(second + 30)
    assert set(desk.sources(since=60.1)) == {BEST}


def test_the_better_source_comes_back_only_after_it_has_kept_up_for_a_while():
    desk = Desk()
    both(desk, 0, 10)
    desk.lose(BEST, 10)
    for second in range(10, 20):
        desk.tell(SPARE, second, second * 100)
    both(desk, 20, 40)
    back = next(second for second, source, _ in desk.published if source == BEST and second >= 10)
    assert 30 <= back <= 31
    assert desk.choice.taken_over == [1, 1]


def test_a_better_source_that_comes_and_goes_does_not_get_the_lead_back():
    desk = Desk()
    both(desk, 0, 5)
    for second in range(5, 120):
        desk.tell(SPARE, second)
        if second % 8 < 2:
            desk.tell(BEST, second)
        else:
            desk.lose(BEST, second)
    assert set(desk.sources(since=6)) == {SPARE}


def test_counters_of_the_same_exchange_go_on_without_a_step():
    desk = Desk()
    both(desk, 1, 10)
    desk.lose(BEST, 10)
    desk.tell(SPARE, 11, 1100)
    assert [volume for _, _, volume in desk.published][-2:] == [900, 1100]


def test_a_counter_that_counts_something_else_is_shifted_to_go_on():
    desk = Desk()
    for second in range(1, 10):
        desk.tell(BEST, second, 100_000 + second * 100)
        desk.tell(SPARE, second, second * 100)
    desk.lose(BEST, 10)
    desk.tell(SPARE, 11, 1100)
    assert [volume for _, _, volume in desk.published][-2:] == [100_900, 101_100]


def test_a_counter_that_nobody_could_compare_never_steps_back():
    desk = Desk()
    desk.tell(BEST, 1, 100_000)
    desk.lose(BEST, 2)
    desk.tell(SPARE, 3, 40)
    desk.tell(SPARE, 4, 90)
    assert [volume for _, _, volume in desk.published] == [100_000, 100_000, 100_050]


EVENTS = st.tuples(st.sampled_from([BEST, SPARE]), st.sampled_from(["tell", "tell", "lose"]), st.floats(0, 4))


@given(st.lists(EVENTS, max_size=120))
def test_whatever_happens_volume_never_steps_back(events):
    desk, second, traded = Desk(), 0.0, 0
    for source, what, pause in events:
        second += pause
        traded += 7
        if what == "tell":
            desk.tell(source, second, traded)
        else:
            desk.lose(source, second)
        desk.wait(second)
    volumes = [volume or 0 for _, _, volume in desk.published]
    assert volumes == sorted(volumes)


@given(st.lists(st.tuples(st.sampled_from(["tell", "lose", "silent"]), st.floats(0, 2)), max_size=200))
def test_beside_a_sound_spare_a_bad_source_gets_the_lead_at_most_every_ten_seconds(events):
    desk, second = Desk(), 0.0
    for what, pause in events:
        second += pause
        desk.tell(SPARE, second)
        if what == "tell":
            desk.tell(BEST, second)
        elif what == "lose":
            desk.lose(BEST, second)
        desk.wait(second)
    assert desk.choice.taken_over[BEST] <= second / TERMS.steady_for
