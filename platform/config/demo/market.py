"""The demo's market: the simulated one, around the clock, or a replay of a real day."""

from typing import Protocol

from core import clock
from trading.instruments.demo import seed_simulated_instruments
from trading.marketdata.feeds.simulation import simulate_history, simulated_runner

HISTORY_DAYS = 15


class Runner(Protocol):
    """A feed on a thread."""

    def start(self) -> None: ...
    def stop(self, timeout: float = 10.0) -> None: ...


class Market:
    """A feed, and what to call it on the screen."""

    def __init__(self, label: str, runner: Runner) -> None:
        self.label = label
        self._runner = runner

    def start(self) -> None:
        self._runner.start()

    def stop(self) -> None:
        self._runner.stop()


def simulated_market() -> Market:
    """The simulated market, with a few weeks of simulated past so that charts are full."""
    seed_simulated_instruments(clock.trading_date())
    simulate_history(days=HISTORY_DAYS)
    return Market("simulated market", simulated_runner())
