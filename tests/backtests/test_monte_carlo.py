"""Simulated orders and draws of trades."""

import numpy as np
import pytest

from backtests.domain.monte_carlo import LEVELS, Method, Plan, simulate
from core.errors import InvalidInput

NETS = np.random.default_rng(1).normal(500, 4_000, 400).astype(np.int64)
CAPITAL = 1_000_000


@pytest.mark.parametrize("method", Method)
def test_the_same_seed_gives_the_same_bands_and_another_one_others(method):
    first = simulate(NETS, CAPITAL, Plan(method=method, seed=3, simulations=200))
    again = simulate(NETS, CAPITAL, Plan(method=method, seed=3, simulations=200))
    other = simulate(NETS, CAPITAL, Plan(method=method, seed=4, simulations=200))
    assert np.array_equal(first.bands, again.bands)
    assert not np.array_equal(first.bands, other.bands)


@pytest.mark.parametrize("compounding", [False, True])
def test_shuffled_trades_all_end_where_the_real_ones_did(compounding):
    found = simulate(NETS, CAPITAL, Plan(method=Method.SHUFFLE, compounding=compounding))
    assert found.final == pytest.approx([CAPITAL + NETS.sum()] * len(LEVELS))
    assert found.actual[-1] == pytest.approx(CAPITAL + NETS.sum())
    assert found.bands[0, len(found.trades) // 2] < found.bands[-1, len(found.trades) // 2]


@pytest.mark.parametrize("method", [Method.RESAMPLE, Method.BLOCKS])
def test_ends_of_drawn_trades_spread_as_sums_of_independent_ones_do(method):
    found = simulate(NETS, CAPITAL, Plan(method=method, simulations=20_000))
    deviation = NETS.std() * len(NETS) ** 0.5
    tolerance = 0.1 * deviation if method is Method.RESAMPLE else 0.4 * deviation
    assert found.final[2] == pytest.approx(CAPITAL + NETS.sum(), abs=tolerance)
    assert found.final[4] - found.final[0] == pytest.approx(2 * 1.645 * deviation, abs=2 * tolerance)


def test_bands_are_ordered_begin_at_the_capital_and_are_no_longer_than_a_page_draws():
    found = simulate(np.tile(NETS, 10), CAPITAL, Plan(simulations=300))
    assert (np.diff(found.bands, axis=0) >= 0).all()
    assert (found.bands[:, 0] == CAPITAL).all()
    assert found.trades[0] == 0
    assert found.trades[-1] == 4_000
    assert len(found.trades) == found.bands.shape[1] == 201


def test_streaks_that_hang_together_fall_deeper_in_blocks():
    streaky = np.repeat(np.where(np.arange(40) % 2, 1_000, -1_000), 10)
    alone = simulate(streaky, CAPITAL, Plan(method=Method.RESAMPLE))
    together = simulate(streaky, CAPITAL, Plan(method=Method.BLOCKS, block=10))
    assert together.drawdown[2] < 1.5 * alone.drawdown[2] < 0


def test_chances_are_shares_of_the_paths():
    losing = simulate(np.full(20, -40_000), CAPITAL, Plan(simulations=50, ruin=0.5))
    assert (losing.chance_of_loss, losing.chance_of_ruin) == (1.0, 1.0)
    assert losing.drawdown == pytest.approx([-0.8] * 5)
    winning = simulate(np.full(20, 40_000), CAPITAL, Plan(simulations=50))
    assert (winning.chance_of_loss, winning.chance_of_ruin) == (0.0, 0.0)
    assert winning.drawdown == pytest.approx([0.0] * 5)


def test_a_compounding_account_that_loses_all_has_nothing_to_win_it_back_with():
    nets = np.array([-2_000_000, 5_000_000])
    found = simulate(nets, CAPITAL, Plan(simulations=100, method=Method.SHUFFLE, compounding=True))
    assert found.final.tolist() == [0.0] * 5


@pytest.mark.parametrize(
    "wrong", [{"simulations": 0}, {"simulations": 20_001}, {"block": 0}, {"ruin": 1.0}, {"ruin": -0.1}]
)
def test_plans_that_cannot_be_are_refused(wrong):
    with pytest.raises(InvalidInput) as caught:
        Plan(**wrong)
    assert caught.value.code == "simulations_invalid"


def test_one_trade_cannot_be_mixed():
    with pytest.raises(InvalidInput) as caught:
        simulate(NETS[:1], CAPITAL, Plan())
    assert caught.value.code == "simulations_no_trades"
