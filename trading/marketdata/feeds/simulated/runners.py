"""Setting a simulated market up: its instruments from the master, its past in the database, its feed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from core import clock
from core.errors import InvalidInput
from trading.instruments.demo import reference_prices
from trading.instruments.models import Instrument
from trading.instruments.selectors import instruments_listed
from trading.marketdata.domain.bars import scale_price, unscale_price
from trading.marketdata.models import Candle
from trading.marketdata.selectors import day_starts, last_prices
from trading.marketdata.services import WriteCounts, candles_write

from ..runner import FeedRunner
from . import SimulatedFeed, SimulatedInstrument, Universe
from .history import session_minutes, simulated_days

DEFAULT_SEED = 20_261_121
MOST_INSTRUMENTS = 500
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What `simulate_history` wrote, and of which trading days."""

    days: tuple[date, ...]
    counts: WriteCounts


def simulated_instruments(keys: Sequence[str] | None = None) -> list[Instrument]:
    """The instruments to simulate: those named, or all that are listed.

    Raises InvalidInput when that is none, or more than a simulation is meant for.
    """
    listed = instruments_listed()
    chosen = list(listed.filter(key__in=keys) if keys else listed[: MOST_INSTRUMENTS + 1])
    if not chosen:
        raise InvalidInput("There are no instruments to simulate.", code="no_instruments")
    if len(chosen) > MOST_INSTRUMENTS:
        raise InvalidInput(
            f"More than {MOST_INSTRUMENTS} instruments are listed: name those to simulate.",
            code="too_many_instruments",
        )
    return chosen


def simulated_runner(
    *, seed: int = DEFAULT_SEED, keys: Sequence[str] | None = None, record_to: Path | None = None
) -> FeedRunner:
    """A runner of the simulated market that goes on from the last stored candles; call `start()` on it.

    `record_to` is the directory in which everything that the feed says is kept.
    """
    instruments = simulated_instruments(keys)
    days = day_starts(instruments)
    feed = SimulatedFeed(_universe(instruments), seed=seed, volumes={key: day.volume for key, day in days.items()})
    return FeedRunner(feed, instruments, day_starts=days, record_to=record_to)


def simulate_history(
    *,
    days: int = 15,
    seed: int = DEFAULT_SEED,
    keys: Sequence[str] | None = None,
    on_day: Callable[[date], None] | None = None,
) -> HistoryReport:
    """Store simulated minutes of the last `days` trading days up to now, in session hours.

    Where candles are stored already it only fills the time since the latest, so that it may run at each start.
    `on_day` is told of each finished day. Raises InvalidInput when there is nothing to simulate.
    """
    instruments = simulated_instruments(keys)
    until = clock.now().replace(second=0, microsecond=0)
    since = max(_days_back(days, until), _after_latest(instruments))
    ids = {instrument.key: instrument.pk for instrument in instruments}
    universe = _universe(instruments)
    id_of_row = np.array([ids[key] for key in universe.keys], dtype=np.int64)
    written: list[date] = []
    counts = WriteCounts()
    for day, rows in simulated_days(universe, seed=seed, since=since, until=until):
        rows[:, 0] = id_of_row[rows[:, 0]]
        counts += candles_write(rows, replace=False)
        written.append(day)
        if on_day:
            on_day(day)
    return HistoryReport(tuple(written), counts)


def _universe(instruments: Sequence[Instrument]) -> Universe:
    prices = last_prices(instrument.pk for instrument in instruments)
    return Universe(
        [
            SimulatedInstrument(
                key=each.key,
                symbol=each.symbol,
                kind=each.instrument_type,
                tick_size=unscale_price(scale_price(each.tick_size)),
                lot_size=each.lot_size,
                underlying=each.underlying,
                expiry=each.expiry,
                strike=each.strike,
            )
            for each in instruments
        ],
        reference_prices(),
        {each.key: prices[each.pk] for each in instruments if each.pk in prices},
    )


def _days_back(days: int, until: datetime) -> datetime:
    """Midnight of the `days`-th trading day before today."""
    day = clock.trading_date(until)
    while days > 0:
        day -= timedelta(days=1)
        days -= bool(session_minutes(day))
    return clock.ist_day_start(day)


def _after_latest(instruments: Sequence[Instrument]) -> datetime:
    latest = (
        Candle.objects.filter(instrument__in=instruments).order_by("-start").values_list("start", flat=True).first()
    )
    return latest + timedelta(minutes=1) if latest else _BEGINNING
