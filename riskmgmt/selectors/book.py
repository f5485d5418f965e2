"""Open positions as a book that can be measured, and what its drivers returned in the past."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import numpy as np

from accounts.domain.actor import Actor
from core import clock
from core.cache import Cache
from core.errors import InvalidInput
from riskmgmt.domain.exposure import sector_of
from riskmgmt.domain.measures.book import Asset, Book, book_of
from trading.instruments.models import Instrument
from trading.instruments.process_cache import REFERENCE
from trading.instruments.selectors import instrument_get, instruments_by_key
from trading.marketdata.domain.options.kernel import FloatArray
from trading.marketdata.selectors import daily_closes
from trading.portfolio.domain.span.book import MarginBook
from trading.portfolio.selectors import MarkedPosition, positions
from trading.portfolio.selectors.margin_book import margin_book
from trading.portfolio.selectors.span import related, span_parameters

from .sectors import sectors

HISTORY_DAYS = 365
_RATE = Book(()).rate

# Closes of past days do not change; an import of candles is seen within the hour.
_closes: Cache[tuple[str, date], dict[date, Decimal]] = Cache("risk.closes", seconds=3600, group=REFERENCE)


@dataclass(frozen=True, slots=True)
class MeasuredBook:
    """A book with what it leaves out: `unpriced` are the symbols of open positions that have no price now."""

    book: Book
    unpriced: tuple[str, ...]
    stale: bool


@dataclass(frozen=True, slots=True)
class DriverReturns:
    """Daily returns (days x drivers, oldest first) of the drivers that have a history, by the days they share.

    `days` are the dates of the returns, `uncovered` the drivers without enough of a past.
    """

    drivers: tuple[str, ...]
    returns: FloatArray
    days: tuple[date, ...]
    uncovered: tuple[str, ...]


def measured_book(actor: Actor, *, account_id: UUID | None = None) -> MeasuredBook:
    """The open positions of an account, or of all that the actor may see, at the latest prices."""
    rows = positions(actor, account_id=account_id, only_open=True)
    assets: list[Asset] = []
    unpriced: list[str] = []
    contracts: dict[tuple[str, str], list[tuple[MarkedPosition, Instrument]]] = defaultdict(list)
    known = instruments_by_key([row.symbol for row in rows])
    for row in rows:
        instrument = known.get(row.symbol) or instrument_get(row.symbol)
        if instrument.underlying:
            contracts[instrument.exchange, instrument.underlying].append((row, instrument))
        elif row.ltp is None:
            unpriced.append(row.symbol)
        else:
            assets.append(_share(row))
    rate = _RATE
    for (exchange, underlying), held in contracts.items():
        market = _market(held)
        if market is None or market.arrays is None:
            unpriced.extend(row.symbol for row, _ in held)
            continue
        parameters = span_parameters(exchange=exchange, underlying=underlying, day=clock.trading_date())
        rate = parameters.risk_free_rate
        assets.extend(_contracts(exchange, underlying, held, market))
    return MeasuredBook(book_of(assets, rate=rate), tuple(unpriced), any(row.stale for row in rows))


def driver_returns(drivers: Sequence[str], *, least_days: int, days: int = HISTORY_DAYS) -> DriverReturns:
    """What each driver returned from close to close within `days` calendar days before today.

    Unadjusted for corporate actions. A driver with fewer than `least_days` returns is uncovered; the others are
    compared on the days that all of them have.
    """
    today = clock.trading_date()
    since = date.fromordinal(today.toordinal() - days)
    closes = {
        driver: {day: float(close) for day, close in _past(driver, today).items() if day >= since}
        for driver in drivers
    }
    covered = tuple(driver for driver in drivers if len(closes[driver]) > least_days)
    shared = sorted(set.intersection(*(set(closes[driver]) for driver in covered))) if covered else []
    prices = np.array([[closes[driver][day] for driver in covered] for day in shared], dtype=float)
    returns = prices[1:] / prices[:-1] - 1.0 if len(shared) > 1 else np.zeros((0, len(covered)))
    return DriverReturns(
        drivers=covered,
        returns=returns,
        days=tuple(shared[1:]),
        uncovered=tuple(driver for driver in drivers if driver not in covered),
    )


def _past(driver: str, today: date) -> dict[date, Decimal]:
    """The driver's closes before today; none for a driver that is no instrument here."""

    def load() -> dict[date, Decimal]:
        instrument = instruments_by_key([driver]).get(driver)
        if instrument is None:
            return {}
        return daily_closes([instrument.pk], before=today, days=HISTORY_DAYS)[instrument.pk]

    return _closes.get((driver, today), load)


def _share(row: MarkedPosition) -> Asset:
    price = float(row.ltp or 0)
    return Asset(
        key=row.symbol,
        driver=row.symbol,
        quantity=row.quantity,
        price=price,
        spot=price,
        sector=sector_of(row.name, sectors()),
        product=row.product,
        strategy=row.strategy,
    )


def _market(held: Sequence[tuple[MarkedPosition, Instrument]]) -> MarginBook | None:
    """The contracts' market; None for an underlying without parameters to value it by."""
    try:
        return margin_book([instrument for _, instrument in held], at=clock.now())
    except InvalidInput:
        return None


def _contracts(
    exchange: str, underlying: str, held: Sequence[tuple[MarkedPosition, Instrument]], market: MarginBook
) -> list[Asset]:
    """Futures and options on one underlying that has a price."""
    arrays = market.arrays
    assert arrays is not None, "the caller has asked"
    driver = related(exchange, underlying, clock.trading_date()).cash_key
    sector = sector_of(underlying, sectors())
    found = []
    for row, instrument in held:
        number = market.rows[instrument.key]
        contract = arrays.contracts[number]
        forward = float(arrays.forwards[number])
        value = float(arrays.values[number]) if contract.sign else forward
        found.append(
            Asset(
                key=row.symbol,
                driver=driver,
                quantity=row.quantity,
                price=float(row.ltp) if row.ltp else value,
                spot=arrays.underlying_price,
                sector=sector,
                product=row.product,
                strategy=row.strategy,
                sign=contract.sign,
                strike=contract.strike,
                years=contract.years,
                volatility=float(arrays.volatilities[number]),
                forward=forward,
            )
        )
    return found
