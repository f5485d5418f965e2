"""Sweeps: each cell is a run of its own, whatever its neighbours do."""

from datetime import time
from decimal import Decimal
from time import sleep

import numpy as np
import pytest

from backtests.domain.kernel import LineMemory, Sizing, Terms, run, signals_of, sweep
from core.errors import InvalidInput, NotFound
from trading.strategies.domain import SignalStrategy

from .market import CHARGED, market_of, random_rows
from .strategies import Broken, Cross, Level

TERMS = Terms(capital=Decimal(1_000_000), sizing=Sizing(units=100), slippage_ticks=1, rates=CHARGED)
MARKET = market_of(random_rows(1_500, 3), a_session=75, square_off=time(10, 25))
CELLS = [{"fast": fast, "slow": slow} for fast in (3, 5, 8) for slow in (10, 20, 40)]


@pytest.mark.parametrize("threads", [1, 4])
def test_a_cells_figures_are_those_of_its_own_run(threads):
    swept = sweep(Cross, CELLS, MARKET, TERMS, threads=threads, daily=True)
    for place, cell in enumerate(CELLS):
        alone = run(MARKET, signals_of(Cross(**cell), LineMemory(MARKET)), TERMS)
        assert len(alone.fills) > 10
        assert swept.figures.of(place) == pytest.approx(alone.figures.of(0), nan_ok=True, rel=0, abs=0)
        assert swept.daily[place].tolist() == alone.daily.tolist()
    assert swept.done.all()
    assert not swept.refused


def test_a_line_is_computed_once_however_many_cells_read_it():
    assert sweep(Cross, CELLS, MARKET, TERMS, threads=1).lines_computed == 6


def test_lines_beyond_the_memory_are_computed_again_and_come_out_the_same():
    small = LineMemory(MARKET, most_bytes=3 * 8 * len(MARKET))
    again = [signals_of(Cross(**cell), small) for cell in CELLS * 2]
    assert small.computed > 6
    plain = [signals_of(Cross(**cell), LineMemory(MARKET)) for cell in CELLS]
    assert all((one == other).all() for one, other in zip(again, plain * 2, strict=True))


def test_cells_that_fail_say_why_and_leave_the_others_unharmed():
    swept = sweep(Broken, [{"which": which} for which in (0, 1, 2, 3)], MARKET, TERMS, threads=2)
    assert swept.refused == {1: "RuntimeError: no idea", 2: "test-broken: a signal is -1, 0 or 1."}
    finals = swept.figures.final_equity
    assert np.isnan(finals[[1, 2]]).all()
    assert finals[0] == finals[3] > 0


def test_settings_that_do_not_go_together_are_a_refused_cell():
    swept = sweep(Cross, [{"fast": 20, "slow": 10}, {"fast": 10, "slow": 500}], MARKET, TERMS)
    assert swept.refused == {0: "fast must be less than slow.", 1: "slow: Must be from 2 to 400."}


def test_a_cancelled_sweep_says_which_cells_it_reached():
    told: list[int] = []

    class InStep(Level):
        """Begins with a chunk of eleven cells when all before it have been told of."""

        def signals(self, bars, lines):
            while len(told) < (self.period - 2) // 11:
                sleep(0.001)
            return super().signals(bars, lines)

    cells = [{"period": period} for period in range(2, 90)]
    swept = sweep(InStep, cells, MARKET, TERMS, threads=1, progress=told.append, cancelled=lambda: len(told) > 1)
    assert told[:2] == [11, 22]
    assert 22 <= swept.done.sum() <= 44
    assert np.isnan(swept.figures.final_equity[~swept.done]).all()
    assert not np.isnan(swept.figures.final_equity[swept.done]).any()


def test_no_cells_are_an_empty_sweep():
    assert len(sweep(Cross, [], MARKET, TERMS).figures.sharpe) == 0


class Sized(SignalStrategy):
    key = "test-sized"

    def signals(self, bars, lines):
        return np.zeros(len(bars) - 1, dtype=np.int8)


class Wordy(Sized):
    def signals(self, bars, lines):
        return np.full(len(bars), 0.5)


class Odd(Sized):
    def lines(self):
        return {"line": ("no-such-indicator", {})}


class Compared(Sized):
    def lines(self):
        return {"line": ("correlation", {})}


@pytest.mark.parametrize(
    ("strategy", "error", "code"),
    [
        (Sized, InvalidInput, "signals_invalid"),
        (Wordy, InvalidInput, "signals_invalid"),
        (Odd, NotFound, "unknown_indicator"),
        (Compared, InvalidInput, "indicator_unsuitable"),
    ],
)
def test_signals_that_cannot_be_traded_are_refused(strategy, error, code):
    with pytest.raises(error) as caught:
        signals_of(strategy(), LineMemory(MARKET))
    assert caught.value.code == code
