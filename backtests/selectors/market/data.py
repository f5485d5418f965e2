"""The past as this installation has stored it. One object serves one run: it keeps what it has read."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from backtests.domain.engine.data import CorporateAction, Listing, SessionDay
from core import clock
from core.errors import NotFound
from trading.instruments.domain.sessions import Phase
from trading.instruments.models import CorporateAction as Action
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import BarSeries, Interval, derive
from trading.marketdata.domain.tick import Tick
from trading.marketdata.selectors import settlement_price
from trading.marketdata.selectors.daily import daily_series
from trading.marketdata.selectors.hours import session_opens
from trading.marketdata.selectors.minutes import stored_minutes
from trading.orders.domain.option_choice import Right
from trading.portfolio.domain.position_events import PositionEventKind
from trading.portfolio.selectors.span import related
from trading.strategies.domain.market import Contract, Expiry

from ..stored import windows_of
from .rules import DatabaseRules

_KINDS = {
    Action.Kind.SPLIT: PositionEventKind.SPLIT,
    Action.Kind.BONUS: PositionEventKind.BONUS,
    Action.Kind.DIVIDEND: PositionEventKind.DIVIDEND,
}
_MOST_KEPT = 64


class DatabaseMarketData:
    """`MarketData` of the engine over what is stored; nothing later than `now` is told."""

    def __init__(self, *, now: datetime | None = None) -> None:
        self.rules = DatabaseRules()
        self._now = now or clock.now()
        self._listings: dict[str, Listing] = {}
        self._bars: OrderedDict[tuple[str, Interval, int, int], BarSeries] = OrderedDict()
        self._expiries: dict[tuple[str, date], tuple[Expiry, ...]] = {}

    def listing(self, symbol: str) -> Listing:
        """Raises NotFound, `unknown_symbol`."""
        if symbol not in self._listings:
            instrument = instrument_get(symbol)
            listing = Listing(
                contract=contract_of(instrument),
                exchange=instrument.exchange,
                instrument_type=instrument.instrument_type,
                underlying=self._underlying_key(instrument),
                has_derivatives=instrument.has_derivatives,
                isin=instrument.isin,
            )
            self._listings[symbol] = self._listings[listing.symbol] = listing
        return self._listings[symbol]

    def sessions(self, symbol: str, first: date, last: date) -> Sequence[SessionDay]:
        """The trading days of the instrument's segment. Raises CalendarUnknown."""
        instrument = instrument_get(symbol)
        days = (first + timedelta(days=each) for each in range((last - first).days + 1))
        known = ((day, windows_of(instrument, day)) for day in days)
        return tuple(
            SessionDay(day, windows)
            for day, windows in known
            if any(window.phase is Phase.CONTINUOUS for window in windows)
        )

    def bars(self, symbol: str, interval: Interval, since: int, until: int) -> BarSeries:
        """Bars that start in [since, until) and were over by now, unadjusted."""
        key = (symbol, interval, since, until)
        if key not in self._bars:
            self._bars[key] = self._read(instrument_get(symbol), interval, since, until)
            if len(self._bars) > _MOST_KEPT:
                self._bars.popitem(last=False)
        return self._bars[key]

    def _read(self, instrument: Instrument, interval: Interval, since: int, until: int) -> BarSeries:
        start = datetime.fromtimestamp(since, UTC)
        end = min(datetime.fromtimestamp(until, UTC), self._now)
        if interval in (Interval.D1, Interval.W1):
            days = daily_series(instrument, clock.trading_date(start), end, at=self._now)
            series = derive(days, interval, days.start)
        else:
            minutes = stored_minutes(instrument.pk, start, end)
            series = derive(minutes, interval, session_opens(instrument, minutes.start))
        inside = (series.start >= since) & (series.start < until)
        return series if inside.all() else BarSeries.from_columns(series.columns()[inside])

    def ticks(self, symbol: str, day: date) -> Iterator[Tick] | None:
        """None: the database keeps minutes."""
        return None

    def actions(self, symbol: str, first: date, last: date) -> Sequence[CorporateAction]:
        """Splits, bonuses and dividends with an ex-date in the span."""
        rows = Action.objects.filter(instrument=instrument_get(symbol), ex_date__range=(first, last))
        return tuple(
            CorporateAction(
                _KINDS[Action.Kind(row.kind)],
                row.ex_date,
                Fraction(row.ratio_after, row.ratio_held) if row.ratio_after and row.ratio_held else None,
                row.amount,
            )
            for row in rows.order_by("ex_date", "id")
        )

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        """Expiries with their strikes, of contracts that had not expired on the day and that the master knows."""
        symbol = underlying.rpartition(":")[2]
        if (symbol, on) not in self._expiries:
            rows = (
                Instrument.objects.filter(
                    underlying=symbol, instrument_type=InstrumentType.CALL, expiry__gte=on, strike__gt=0
                )
                .order_by("expiry", "strike")
                .values_list("expiry", "strike")
            )
            by_expiry: dict[date, list[Decimal]] = {}
            for expiry, strike in rows:
                if expiry is not None and strike is not None:
                    by_expiry.setdefault(expiry, []).append(strike)
            self._expiries[symbol, on] = tuple(
                Expiry(symbol, expiry, tuple(strikes)) for expiry, strikes in by_expiry.items()
            )
        return self._expiries[symbol, on]

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        """Futures that had not expired on the day, the nearest first."""
        rows = Instrument.objects.filter(
            underlying=underlying.rpartition(":")[2], instrument_type=InstrumentType.FUTURE, expiry__gte=on
        )
        return tuple(contract_of(row) for row in rows.order_by("expiry", "key"))

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        """The contract of an expiry, strike and right, None when the master has none."""
        row = Instrument.objects.filter(
            underlying=underlying.rpartition(":")[2], expiry=expiry, strike=strike, instrument_type=right
        ).first()
        return contract_of(row) if row is not None else None

    def settlement_price(self, symbol: str, day: date) -> Decimal | None:
        """The official price of the instrument, else one from its last half hour."""
        key = symbol if ":" in symbol else f"NSE:{symbol}"
        try:
            return settlement_price(instrument_get(key), day)
        except NotFound:
            return None

    def notes(self, symbols: Sequence[str]) -> Sequence[str]:
        """Survivorship: the symbols were chosen with today's knowledge."""
        found = []
        if len(symbols) > 1:
            found.append(
                "Survivorship: the instruments were chosen today; those that left the market or an index since are"
                " missing, which flatters the result."
            )
        return tuple(found)

    def _underlying_key(self, instrument: Instrument) -> str:
        if not instrument.underlying:
            return ""
        on = instrument.expiry or clock.trading_date()
        return related(instrument.exchange, instrument.underlying, on).cash_key


def contract_of(instrument: Instrument) -> Contract:
    """An instrument as a strategy may know it."""
    is_option = instrument.strike is not None
    return Contract(
        symbol=instrument.key,
        tick_size=instrument.tick_size,
        lot_size=instrument.lot_size,
        freeze_quantity=instrument.freeze_quantity,
        underlying=instrument.underlying,
        expiry=instrument.expiry,
        right=Right(instrument.instrument_type) if is_option else None,
        strike=instrument.strike,
        is_tradable=instrument.is_tradable,
    )
