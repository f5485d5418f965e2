"""An independent back-tester as oracle: backtesting.py on the data that it ships with."""

import warnings
from decimal import Decimal

import numpy as np
import pytest
from backtesting import Backtest, Strategy
from backtesting.test import GOOG

from backtests.domain.kernel import Market, Sizing, Terms, run
from trading.marketdata.domain.bars import DAY, BarSeries
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates

UNITS = 10
CAPITAL = 10_000_000


def _market() -> Market:
    prices = {name: np.rint(GOOG[name].to_numpy() * 10_000).astype(np.int64) for name in GOOG.columns[:4]}
    start = GOOG.index.to_numpy().astype("datetime64[s]").astype(np.int64)
    series = BarSeries(
        start=start,
        open=prices["Open"],
        high=prices["High"],
        low=prices["Low"],
        close=prices["Close"],
        volume=GOOG["Volume"].to_numpy().astype(np.int64),
        oi=np.zeros(len(GOOG), dtype=np.int64),
    )
    return Market(series, start // DAY * DAY, tick=100)


def _signals(fast: int, slow: int) -> np.ndarray:
    """Wanted sides from integer sums, so that both see the same crossings."""
    closes = np.r_[0, np.cumsum(np.rint(GOOG["Close"].to_numpy() * 10_000).astype(np.int64))]
    sums = {period: closes[period:] - closes[:-period] for period in (fast, slow)}
    gap = sums[fast][slow - fast :] * slow - sums[slow] * fast
    return np.r_[np.zeros(slow - 1, dtype=np.int8), np.sign(gap).astype(np.int8)]


class Follows(Strategy):
    """Does what the signals say, a fixed size, turning around by closing first."""

    signals = np.empty(0, dtype=np.int8)

    def init(self) -> None:
        """Nothing to prepare: the signals are given."""

    def next(self) -> None:
        wanted = int(self.signals[len(self.data) - 1])
        held = int(np.sign(self.position.size))
        if wanted == held:
            return
        if held:
            self.position.close()
        if wanted > 0:
            self.buy(size=UNITS)
        elif wanted < 0:
            self.sell(size=UNITS)


def _theirs(signals: np.ndarray, **terms: float):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = Backtest(GOOG, Follows, cash=CAPITAL, finalize_trades=False, **terms)
        return test.run(signals=signals)


@pytest.mark.parametrize(("fast", "slow"), [(10, 20), (5, 50), (30, 90)])
def test_trades_and_equity_are_those_of_backtesting_py_where_both_trade_at_the_next_open(fast, slow):
    signals = _signals(fast, slow)
    ours = run(_market(), signals, Terms(capital=Decimal(CAPITAL), sizing=Sizing(units=UNITS), at_touch=False))
    theirs = _theirs(signals)
    trades, expected = ours.trades(), theirs["_trades"]
    assert len(expected) > 10
    assert trades.quantity.tolist() == expected["Size"].tolist()
    assert trades.entry_bar.tolist() == expected["EntryBar"].tolist()
    assert trades.exit_bar.tolist() == expected["ExitBar"].tolist()
    assert (trades.entry_price / 10_000).tolist() == pytest.approx(expected["EntryPrice"].tolist(), abs=1e-9)
    assert (trades.exit_price / 10_000).tolist() == pytest.approx(expected["ExitPrice"].tolist(), abs=1e-9)
    assert (trades.net / 10_000).tolist() == pytest.approx(expected["PnL"].tolist(), abs=1e-6)
    assert (ours.equity / 100).tolist() == pytest.approx(theirs["_equity_curve"]["Equity"].tolist(), abs=0.011)


@pytest.mark.parametrize(("fast", "slow"), [(10, 20), (30, 90)])
def test_a_commission_by_turnover_comes_to_the_same_but_for_our_paise(fast, slow):
    """Theirs takes fractions of a paisa, ours rounds every charge: half a paisa a fill, at most."""
    free = dict.fromkeys(
        ("stt_buy", "stt_sell", "exchange_rate", "ipft_rate", "sebi_rate", "stamp_buy", "stamp_sell", "gst_rate"),
        Decimal(0),
    )
    rates = ChargeRates(gst_on_ipft=False, **free)
    plan = BrokerageRates(flat=Decimal(0), rate=Decimal("0.001"), cap=None)
    signals = _signals(fast, slow)
    terms = Terms(capital=Decimal(CAPITAL), sizing=Sizing(units=UNITS), at_touch=False, rates={None: (rates, plan)})
    ours = run(_market(), signals, terms)
    theirs = _theirs(signals, commission=0.001)
    trades, expected = ours.trades(), theirs["_trades"]
    assert len(trades) == len(expected) > 10
    # Of a fill that turns around, each side carries its own half: they charge the two halves apart.
    assert (trades.charges / 100).tolist() == pytest.approx(expected["Commission"].tolist(), abs=0.021)
    assert (trades.net / 10_000).tolist() == pytest.approx(expected["PnL"].tolist(), abs=0.021)
    assert ours.equity[-1] / 100 == pytest.approx(theirs["Equity Final [$]"], abs=0.01 * len(ours.fills))
