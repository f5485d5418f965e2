"""A strategy on a paper account over several replayed days: sessions, auctions and nights by the real services."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from core.clock import IST, ist_day_start, wall_now
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk
from trading.instruments.domain.sessions import Phase
from trading.instruments.models import Instrument
from trading.instruments.selectors import segment_for, session_windows
from trading.marketdata.domain.bars import BarSeries
from trading.marketdata.domain.minute_ticks import minute_ticks
from trading.marketdata.domain.tick import Tick
from trading.marketdata.feeds.book import QuoteBook
from trading.marketdata.services import quote_publish
from trading.orders.models import Fill as FillModel
from trading.orders.services.order.cancel import orders_expire
from trading.orders.services.positions.days import day_close, day_open
from trading.portfolio.domain.ledger import LedgerAccount
from trading.portfolio.domain.position import PositionState
from trading.portfolio.models import Position, PositionEvent
from trading.portfolio.services.deliveries import deliveries_settle
from trading.strategies.domain.host import StrategyHost
from trading.strategies.domain.market import Bar, Contract

from .paper_world import PaperDay, PaperDesk, bar_of, minute_of

AFTERNOON = time(15, 0)
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evening:
    """An account when a day has been closed: balances in paise by ledger account, positions, and all that it has
    traded and been told of so far."""

    balances: dict[str, int]
    positions: dict[tuple[str, str], State]
    fills: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]


class ManyDesk(PaperDesk):
    """Orders in any of several instruments."""

    def __init__(self, desk: Desk, tell: Callable[[], None], instruments: Mapping[str, Instrument]) -> None:
        super().__init__(desk, tell)
        self._instruments = instruments

    def contract(self, symbol: str) -> Contract:
        instrument = self._instruments[symbol]
        return Contract(symbol, instrument.tick_size, instrument.lot_size)


class PaperDays(PaperDay):
    """Replays days of several instruments, with what the calendar brings between them."""

    def __init__(
        self,
        desk: Desk,
        set_clock: Callable[[datetime], None],
        instruments: Mapping[str, Instrument],
        *,
        steps: int,
    ) -> None:
        super().__init__(desk, set_clock, steps=steps)
        self._instruments = instruments
        self.port = ManyDesk(desk, self._tell_host, instruments)
        self._book = QuoteBook({})

    def play_days(
        self, host: StrategyHost, bars: Mapping[str, BarSeries], days: Sequence[date]
    ) -> dict[date, Evening]:
        """What the account has come to at the end of each day."""
        self.host = host
        found = {}
        for number, day in enumerate(days):
            self._at(ist_day_start(day))
            with system_scope():
                day_open(day)
            if not number:
                host.start()
            self._session(day, bars)
            with system_scope():
                day_close(day)
            self._tell_host()
            found[day] = evening_of(self._desk)
        return found

    def _session(self, day: date, bars: Mapping[str, BarSeries]) -> None:
        host = self.host
        assert host is not None
        ticks, told = self._ticks(day, bars)
        edges = dict.fromkeys(self._edges(day), ())
        instants = edges | {at: tuple(group) for at, group in groupby(ticks, key=lambda tick: tick.timestamp)}
        for number, moment in enumerate(sorted(instants)):
            self._at(moment)
            quotes = {tick.key: self._book.update(tick, wall_now(), "replay") for tick in instants[moment]}
            if quotes:
                quote_publish(list(quotes.values()))
            with system_scope():
                orders_expire(moment)
                if quotes:
                    self._matcher._read_at = float("-inf")
                    self._matcher.on_quotes(quotes)
                if moment.astimezone(IST).time() >= AFTERNOON:
                    deliveries_settle(moment)
            self._tell_host()
            if not number:
                host.session_opened(day, moment, self._edges(day)[-1])
            over = [bar for bar in told if bar.end <= moment.timestamp()]
            told = told[len(over) :]
            if over:
                host.bars_closed(over)
            self._square_off(moment)
            host.clock_reached(moment)

    def _edges(self, day: date) -> list[datetime]:
        windows = [
            window
            for instrument in self._instruments.values()
            for window in session_windows(segment_for(instrument), day)
            if window.phase in (Phase.CONTINUOUS, Phase.CLOSING_AUCTION)
        ]
        return sorted({window.ends for window in windows})

    def _ticks(self, day: date, bars: Mapping[str, BarSeries]) -> tuple[list[Tick], list[Bar]]:
        """The day's ticks in order of time, and its bars of continuous trading in the order of their ends."""
        since = int(ist_day_start(day).timestamp())
        ticks: list[Tick] = []
        told: list[Bar] = []
        for key, series in bars.items():
            instrument, traded = self._instruments[key], 0
            continuous = [
                window
                for window in session_windows(segment_for(instrument), day)
                if window.phase is Phase.CONTINUOUS
            ]
            for row in series.columns().tolist():
                if not since <= row[0] < since + 86_400:
                    continue
                ticks.extend(minute_ticks(minute_of(instrument, row, traded), self._steps))
                traded += row[5]
                start = datetime.fromtimestamp(row[0], UTC)
                if any(window.starts <= start < window.ends for window in continuous):
                    told.append(bar_of(key, row))
        return sorted(ticks, key=lambda tick: tick.timestamp), sorted(told, key=lambda bar: bar.end)


def evening_of(desk: Desk) -> Evening:
    """The account as it is stored."""
    with tenant_scope(desk.organisation.id):
        desk.account.refresh_from_db()
        balance = desk.account.balance
        balance.refresh_from_db()
        return Evening(
            {kind: getattr(balance, f"{kind.lower()}_paise") for kind in LedgerAccount},
            {
                (row.instrument.key, row.product): state_of(row.state)
                for row in Position.objects.filter(account=desk.account).select_related("instrument")
            },
            [
                (row.traded_at, row.instrument.key, row.side, row.quantity, row.price, row.charges_paise)
                for row in FillModel.objects.filter(account=desk.account)
                .select_related("instrument")
                .order_by("id")
            ],
            [
                (
                    row.at.astimezone(IST).date(),
                    row.kind,
                    row.position.instrument.key,
                    row.quantity_change,
                    row.value_paise,
                    row.charges_paise,
                    row.realised_pnl_paise,
                )
                for row in PositionEvent.objects.filter(account=desk.account)
                .select_related("position__instrument")
                .order_by("id")
            ],
        )


def state_of(state: PositionState) -> State:
    """A position's figures; those of the day are for screens."""
    return {each.name: getattr(state, each.name) for each in fields(state) if not each.name.startswith("day")}


def minutes_on(day: date, *times: str) -> list[int]:
    """Unix seconds of Indian times of a day."""
    at = [datetime.combine(day, time.fromisoformat(each), IST) for each in times]
    return [int(each.timestamp()) for each in at]


def span(first: str, count: int) -> list[str]:
    """So many minutes from a time on."""
    start = datetime.combine(date(2026, 1, 1), time.fromisoformat(first))
    return [(start + timedelta(minutes=number)).strftime("%H:%M") for number in range(count)]
