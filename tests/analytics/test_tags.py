"""A book parted by tags: nothing is lost, and what is open counts."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.book import NO_MARKS, BookLine, Marks, by_position, daily_result
from analytics.domain.tags import by_tag
from tests.analytics.test_book import KEY, OTHER, event, fill, ordinals
from trading.portfolio.domain.position_events import PositionEventKind

DAYS = 40

moves = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(-9, 9).filter(bool),
        st.integers(100, 99_999),
        st.integers(0, 500),
        st.sampled_from(["", "breakout", "reversal"]),
        st.sampled_from(["fill", "fill", "fill", "fill", "split", "dividend", "charge", "conversion"]),
    ),
    min_size=1,
    max_size=14,
)


def book(moves_: list[tuple[int, int, int, int, str, str]]) -> list[BookLine]:
    """A book that a portfolio could have: splits, dividends and conversions of what is held."""
    lines: list[BookLine] = []
    day = held = other = 0
    for number, (step, units, paise, charges, tag, kind) in enumerate(moves_):
        day += step
        if kind == "split" and held:
            lines.append(event(day, PositionEventKind.SPLIT, held, ratio=Fraction(2)))
            held *= 2
        elif kind == "dividend" and held > 0:
            lines.append(event(day, PositionEventKind.DIVIDEND, value=paise))
        elif kind == "charge":
            lines.append(event(day, PositionEventKind.DP_CHARGE, charges=charges))
        elif kind == "conversion" and held > 0 and other == 0:
            moved = min(abs(units), held)
            value = moved * paise
            lines.append(event(day, PositionEventKind.CONVERSION, -moved, value, transfer=f"c{number}"))
            lines.append(event(day, PositionEventKind.CONVERSION, moved, value, transfer=f"c{number}", key=OTHER))
            held, other = held - moved, moved
        elif kind == "fill":
            price = f"{paise / 100:.2f}"
            lines.append(fill(day, units, price, charges=charges, ref=str(number), order=str(number), tag=tag))
            held += units
    return lines


@given(moves, st.lists(st.integers(100, 99_999), min_size=DAYS, max_size=DAYS))
def test_the_parts_add_up_to_the_book_on_every_day(
    made: list[tuple[int, int, int, int, str, str]], closes: list[int]
) -> None:
    lines = book(made)
    marks = Marks(ordinals(DAYS), np.array([close * 100 for close in closes], dtype=np.int64))
    whole = by_position(lines)
    parts = by_tag(lines)
    for position, of_position in whole.items():
        mine = [rows for key, rows in parts.items() if key[0] == position]
        of_parts = [daily_result(rows, ordinals(DAYS), marks) for rows in mine]
        all_of_it = daily_result(of_position, ordinals(DAYS), marks)
        for name in ("gains", "charges"):
            added = sum((getattr(part, name) for part in of_parts), start=np.zeros(DAYS, dtype=np.int64))
            assert added.tolist() == getattr(all_of_it, name).tolist(), name
        for line_sum in ("quantity", "value_paise", "charges_paise", "stt_paise"):
            told = sum(
                getattr(line, line_sum) for key, rows in parts.items() if key[0] == position for line in rows
            )
            assert told == sum(getattr(line, line_sum) for line in of_position), line_sum


def test_units_keep_the_tag_of_the_order_that_opened_them_whoever_closes_them() -> None:
    lines = [
        fill(0, 10, "100", charges=10, tag="breakout"),
        fill(1, 10, "110", charges=10, tag="reversal"),
        fill(2, -15, "120", charges=30, tag="panic"),
    ]
    parts = by_tag(lines)
    assert set(parts) == {(KEY, "breakout"), (KEY, "reversal")}
    breakout, reversal = parts[KEY, "breakout"], parts[KEY, "reversal"]
    assert [(line.quantity, line.charges_paise) for line in breakout] == [(10, 10), (-10, 20)]
    assert [(line.quantity, line.charges_paise) for line in reversal] == [(10, 10), (-5, 10)]
    # 10 × (120 − 100) less 30 paise; 5 × (120 − 110) closed and 5 open at the last price, less 20 paise.
    assert daily_result(breakout, ordinals(3), NO_MARKS).gains.sum() == 200_00 - 30
    assert daily_result(reversal, ordinals(3), NO_MARKS).gains.sum() == 100_00 - 20


def test_a_fill_that_turns_a_position_around_opens_under_its_own_tag() -> None:
    parts = by_tag([fill(0, 10, "100", tag="a"), fill(1, -25, "110", tag="b")])
    assert [line.quantity for line in parts[KEY, "a"]] == [10, -10]
    assert [line.quantity for line in parts[KEY, "b"]] == [-15]


def test_a_conversion_and_a_dividend_go_with_the_units() -> None:
    lines = [
        fill(0, 10, "100", tag="a"),
        fill(0, 30, "100", tag="b"),
        event(1, PositionEventKind.DIVIDEND, value=400),
        event(2, PositionEventKind.CONVERSION, -20, 2000_00, transfer="t"),
        event(2, PositionEventKind.CONVERSION, 20, 2000_00, transfer="t", key=OTHER),
    ]
    parts = by_tag(lines)
    assert [line.value_paise for line in parts[KEY, "a"] if line.kind == "DIVIDEND"] == [100]
    assert [line.value_paise for line in parts[KEY, "b"] if line.kind == "DIVIDEND"] == [300]
    assert [line.quantity for line in parts[OTHER, "a"]] == [10]
    assert [line.quantity for line in parts[OTHER, "b"]] == [10]
