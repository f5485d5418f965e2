"""The demo's market: the simulated one, around the clock, or a replay of a real day."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from django.conf import settings

from core import clock
from core.errors import NotFound
from trading.instruments.demo import seed_simulated_instruments
from trading.instruments.models import Instrument
from trading.marketdata.feeds.replay.runners import candle_replay_runner
from trading.marketdata.feeds.simulated.runners import simulate_history, simulated_runner
from trading.marketdata.imports import candle_file_import

# Enough for a value at risk too, which wants 20 days of returns.
HISTORY_DAYS = 25
# On each side of the money.
STRIKES_WITH_A_PAST = 5


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
    instruments = seed_simulated_instruments(clock.trading_date())
    simulate_history(days=HISTORY_DAYS, keys=_with_a_past(instruments))
    return Market("simulated market", simulated_runner())


def _with_a_past(instruments: Sequence[Instrument]) -> list[str]:
    """Which instruments get a past: of the contracts the next future, and the next options near the money.

    Weeks of minutes of a whole chain would keep the demo from starting for minutes.
    """
    cash = [each for each in instruments if each.expiry is None]
    futures = sorted((each for each in instruments if each.expiry and each.strike is None), key=_expiry)
    options = [each for each in instruments if each.strike is not None]
    first = min(map(_expiry, options))
    strikes = sorted({each.strike for each in options if each.strike is not None})
    near = strikes[len(strikes) // 2 - STRIKES_WITH_A_PAST : len(strikes) // 2 + STRIKES_WITH_A_PAST]
    chain = [each for each in options if each.expiry == first and each.strike in near]
    return [each.key for each in (*cash, *futures[:1], *chain)]


def _expiry(contract: Instrument) -> date:
    assert contract.expiry is not None, "a contract has an expiry"
    return contract.expiry


def replayed_market(*, folder: Path, day: date, speed: float, tell: Callable[[str], None]) -> Market:
    """A past day from the candle files of a folder, on the virtual clock; importing them again changes nothing.

    Raises NotFound when the folder has no candle file, or none of them reaches the day.
    """
    files = sorted(path for path in folder.glob("*.csv*") if path.is_file())
    if not files:
        raise NotFound(f"There are no candle files (*.csv, *.csv.gz) in {folder}.", code="no_candles")
    for path in files:
        tell(f"  importing {path.name}")
        candle_file_import(path, create_instruments=True)
    # Here the session is the exchange's own of that day; only the simulation never closes.
    settings.SIMULATED_MARKET_ALWAYS_OPEN = False
    runner = candle_replay_runner(on=day, speed=speed)
    return Market(f"replay of {day:%d %b %Y} at {speed:g}×", runner)
