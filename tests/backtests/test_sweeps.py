"""Which settings a sweep tries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtests.domain.sweeps import MOST_CELLS, Axis, combinations, grid, random_cells, read_axes
from core.errors import InvalidInput
from trading.strategies.domain import Strategy, choice, clock_time, flag, integer, number

from .kernel.strategies import Cross


class Varied(Strategy):
    key = "test-varied"
    period = integer("Period", 14, minimum=2, maximum=50)
    width = number("Width", 2.0, minimum=0.1, maximum=5.0)
    source = choice("Source", ("close", "open"))
    begins = clock_time("Begins", "09:30")
    hedged = flag("Hedged")


def test_a_grid_is_every_combination_the_last_axis_fastest():
    axes = read_axes(Cross.parameters(), {"fast": [5, 10], "slow": {"from": 20, "to": 40, "step": 10}})
    cells = grid(Cross, axes)
    assert [(each["fast"], each["slow"]) for each in cells.cells] == [
        (5, 20), (5, 30), (5, 40), (10, 20), (10, 30), (10, 40),
    ]  # fmt: skip
    assert (cells.combinations, cells.skipped) == (6, 0)


def test_cells_are_complete_settings_with_the_fixed_ones_and_the_defaults():
    cells = grid(Varied, read_axes(Varied.parameters(), {"period": [3]}), {"hedged": True})
    assert cells.cells == ({"period": 3, "width": 2.0, "source": "close", "begins": "09:30", "hedged": True},)


def test_steps_are_decimal_and_reach_the_end():
    (axis,) = read_axes(Varied.parameters(), {"width": {"from": 0.1, "to": 0.7, "step": 0.1}})
    assert axis.values == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    (own_step,) = read_axes(Varied.parameters(), {"width": {"from": "0.5", "to": "0.65"}})
    assert own_step.values == (0.5, 0.6)


def test_words_flags_and_times_are_axes_too_and_no_value_counts_twice():
    axes = read_axes(
        Varied.parameters(),
        {"source": ["open", "close", "open"], "hedged": [True, False], "begins": ["09:15", "10:00"]},
    )
    assert [axis.values for axis in axes] == [("open", "close"), (True, False), ("09:15", "10:00")]


def test_settings_that_do_not_go_together_are_left_out_and_counted():
    axes = read_axes(Cross.parameters(), {"fast": [5, 30], "slow": [20, 40]})
    cells = grid(Cross, axes)
    assert [(each["fast"], each["slow"]) for each in cells.cells] == [(5, 20), (5, 40), (30, 40)]
    assert cells.skipped == 1


def test_ten_million_cells_are_refused_before_any_is_made():
    axes = [Axis(name, tuple(range(1000))) for name in ("a", "b", "c")] + [Axis("d", tuple(range(10)))]
    assert combinations(axes) == 10**10
    with pytest.raises(InvalidInput) as caught:
        grid(Varied, axes)
    assert caught.value.code == "sweep_too_large"
    assert "10,000,000,000" in caught.value.detail


def test_random_cells_are_different_ones_of_the_grid_and_the_same_for_the_same_seed():
    axes = read_axes(Cross.parameters(), {"fast": {"from": 2, "to": 200}, "slow": {"from": 2, "to": 400}})
    drawn = random_cells(Cross, axes, 300, seed=5)
    assert len(drawn) == len({(each["fast"], each["slow"]) for each in drawn.cells}) == 300
    assert all(int(each["fast"]) < int(each["slow"]) for each in drawn.cells)
    assert drawn == random_cells(Cross, axes, 300, seed=5)
    assert drawn.cells != random_cells(Cross, axes, 300, seed=6).cells
    assert drawn.combinations == 199 * 399


def test_a_draw_from_more_combinations_than_a_machine_counts_is_a_draw_all_the_same():
    axes = tuple(Axis(name, tuple(range(2, 10_002))) for name in "abcde")

    class Wide(Strategy):
        key = "test-wide"
        a, b, c, d, e = (integer(name, 2, minimum=2, maximum=10_001) for name in "abcde")

    drawn = random_cells(Wide, axes, 30, seed=5)
    assert len({tuple(each.values()) for each in drawn.cells}) == 30
    assert drawn == random_cells(Wide, axes, 30, seed=5)
    assert drawn.combinations == 10**20


def test_a_draw_of_more_than_there_are_is_the_whole_grid():
    axes = read_axes(Cross.parameters(), {"fast": [5, 10], "slow": [20, 30]})
    assert random_cells(Cross, axes, 100, seed=1) == grid(Cross, axes)


@given(count=st.integers(1, 40), seed=st.integers())
def test_a_draw_gives_as_many_as_were_asked_for(count, seed):
    axes = [Axis("fast", tuple(range(2, 12))), Axis("slow", tuple(range(20, 30)))]
    assert len(random_cells(Cross, axes, count, seed)) == count


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ({}, "sweep_no_axes"),
        ({"none": [1]}, "parameter_unknown"),
        ({"fast": []}, "axis_invalid"),
        ({"fast": 5}, "axis_invalid"),
        ({"fast": {"from": 5}}, "axis_invalid"),
        ({"fast": {"from": 5, "to": 4}}, "axis_invalid"),
        ({"fast": {"from": 5, "to": 8, "step": 0}}, "axis_invalid"),
        ({"fast": {"from": 5, "to": 8, "step": -1}}, "axis_invalid"),
        ({"fast": {"from": "NaN", "to": 8}}, "axis_invalid"),
        ({"fast": {"from": 5, "to": "1e400"}}, "axis_invalid"),
        ({"fast": {"from": 5, "to": 8, "step": 1e-9}}, "axis_too_long"),
        ({"fast": [5] * 10_001}, "axis_too_long"),
        ({"fast": [5, 500]}, "parameter_out_of_bounds"),
        ({"fast": [5.5]}, "parameter_invalid"),
        ({"fast": {"from": 5, "to": 8, "step": 0.5}}, "parameter_invalid"),
    ],
)
def test_axes_that_cannot_be_are_refused(given_, code):
    with pytest.raises(InvalidInput) as caught:
        read_axes(Cross.parameters(), given_)
    assert caught.value.code == code


def test_a_word_has_no_range():
    with pytest.raises(InvalidInput) as caught:
        read_axes(Varied.parameters(), {"source": {"from": 1, "to": 2}})
    assert caught.value.code == "axis_invalid"


NOTHING = (Axis("fast", (50,)), Axis("slow", (20,)))


@pytest.mark.parametrize(("count", "code"), [(0, "sweep_count_invalid"), (MOST_CELLS + 1, "sweep_too_large")])
def test_a_draw_of_none_or_of_too_many_is_refused(count, code):
    with pytest.raises(InvalidInput) as caught:
        random_cells(Cross, NOTHING, count, seed=1)
    assert caught.value.code == code


def test_a_grid_in_which_nothing_goes_together_is_refused():
    with pytest.raises(InvalidInput) as caught:
        grid(Cross, NOTHING)
    assert caught.value.code == "sweep_no_cells"
