"""How a chain, or one contract of it, moved through a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from core import clock
from core.errors import InvalidInput
from trading.instruments.models import OPTION_TYPES, Instrument

from ...domain.bars import BarSeries, Interval
from ...domain.options.analytics import ChainSummary, summarise
from ...domain.options.chain import OptionChain
from ..candles import candles
from .contracts import ChainContracts, chain_contracts
from .day import ChainDay, chain_day
from .history import chain_of_day, check_moment
from .stored import minutes_between

INTERVALS = (Interval.M1, Interval.M5, Interval.M15)


@dataclass(frozen=True, slots=True)
class ChainPoint:
    """A chain at the end of a bar, without its legs."""

    at: datetime
    spot: Decimal | None
    forward: float | None
    atm_strike: Decimal | None
    summary: ChainSummary


@dataclass(frozen=True, slots=True)
class StrikeBars:
    """Bars of a contract; beside each what stood at its end: implied volatility (a fraction) and forward
    (rupees)."""

    instrument: Instrument
    interval: Interval
    series: BarSeries
    iv: tuple[float | None, ...]
    forward: tuple[float | None, ...]


def chain_series(underlying: str, expiry: date, *, day: date, interval: Interval) -> tuple[ChainPoint, ...]:
    """Straddle, volatility and ratios through an Indian day, at the end of each 1, 5 or 15 minutes of it.

    Empty when nothing is stored of that day; else raises as `chain_at` does.
    """
    contracts = chain_contracts(underlying, expiry)
    check_moment(expiry, clock.ist_day_start(day))
    stored = chain_day(contracts, day)
    return tuple(_point(chain) for chain in _chains(contracts, stored, _marks(stored, interval)))


def strike_bars(instrument: Instrument, interval: Interval, *, day: date) -> StrikeBars:
    """The premium's bars of an Indian day with the volatility they implied.

    Raises InvalidInput (``not_an_option``) for another kind of instrument, else as `chain_at` does.
    """
    if instrument.instrument_type not in OPTION_TYPES or instrument.expiry is None:
        raise InvalidInput(f"{instrument.key} is not an option.", code="not_an_option")
    contracts = chain_contracts(f"{instrument.exchange}:{instrument.underlying}", instrument.expiry)
    check_moment(instrument.expiry, clock.ist_day_start(day))
    since, until = clock.ist_day_span(day)
    series = candles(instrument, interval, start=since, end=until)
    stored = chain_day(contracts, day)
    iv: list[float | None] = []
    forward: list[float | None] = []
    ends = [int(start) + interval.seconds for start in series.start]
    for chain in _chains(contracts, stored, ends):
        leg = next(leg for leg in chain.legs if leg.quote.key == instrument.key)
        iv.append(leg.iv)
        forward.append(chain.forward)
    return StrikeBars(instrument, interval, series, tuple(iv), tuple(forward))


def _marks(day: ChainDay, interval: Interval) -> list[int]:
    """Ends of whole intervals of the clock that lie in the stored day, and the last stored minute."""
    if not day.ends.size:
        return []
    first, last = int(day.ends[0]), int(day.ends[-1])
    step = interval.seconds
    marks = list(range(-(-first // step) * step, last + 1, step))
    return marks if marks and marks[-1] == last else [*marks, last]


def _chains(contracts: ChainContracts, day: ChainDay, seconds: list[int]) -> Iterator[OptionChain]:
    moments = [datetime.fromtimestamp(second, UTC) for second in seconds]
    if not moments:
        return
    ids = [each.id for each in contracts.options]
    stored = minutes_between(ids, clock.ist_day_start(clock.trading_date(moments[0])), moments[-1])
    for moment in moments:
        yield chain_of_day(contracts, day, stored, moment)


def _point(chain: OptionChain) -> ChainPoint:
    return ChainPoint(chain.at, chain.market.spot, chain.forward, chain.atm_strike, summarise(chain))
