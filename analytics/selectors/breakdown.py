"""Results by what they have in common."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from analytics.domain.book import DailyResult, PositionKey
from analytics.domain.breakdown import By
from analytics.domain.calendar import IST, WEEKDAYS, net_in_paise
from analytics.domain.trade_figures import TradeFigures, trade_figures
from analytics.domain.trades import ClosedTrade
from analytics.selectors.history import History
from analytics.selectors.performance import span_of
from analytics.selectors.scope import Scope

# What is open has these too; by weekday and hour only closed trades can be told apart.
_OF_POSITIONS = (By.SYMBOL, By.STRATEGY, By.PRODUCT, By.ACCOUNT, By.TAG)


@dataclass(frozen=True, slots=True)
class Part:
    """One group: `net_paise` is after charges; by weekday and hour of closed trades alone, else marked."""

    name: str
    net_paise: int
    charges_paise: int
    traded_paise: int
    trades: TradeFigures

    @property
    def gross_paise(self) -> int:
        return self.net_paise + self.charges_paise


def breakdown(history: History, scope: Scope, by: By) -> list[Part]:
    """The groups of a scope; days ascending, weekdays and hours in their order, others by result, best first."""
    trades: defaultdict[str, list[ClosedTrade]] = defaultdict(list)
    name = _trade_name(history, scope, by)
    for trade in history.closed(scope):
        trades[name(trade)].append(trade)
    if by in _OF_POSITIONS:
        parts = _by_position(history, scope, by, trades)
    elif by is By.DAY:
        parts = _by_day(history, scope, trades)
    else:
        parts = [_of_trades(each, members) for each, members in trades.items()]
    if by in (By.DAY, By.HOUR):
        return sorted(parts, key=lambda part: part.name)
    if by is By.WEEKDAY:
        return sorted(parts, key=lambda part: WEEKDAYS.index(part.name))
    return sorted(parts, key=lambda part: part.net_paise, reverse=True)


def _by_position(history: History, scope: Scope, by: By, trades: Mapping[str, list[ClosedTrade]]) -> list[Part]:
    cut = span_of(history.days, scope)
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each, result in _results(history, scope, by):
        found = [int(column[cut].sum()) for column in (result.gains, result.charges, result.traded)]
        sums[each] = [a + b for a, b in zip(sums[each], found, strict=True)]
    return [
        Part(each, net, charges, traded, _figures(trades.get(each, [])))
        for each, (net, charges, traded) in sums.items()
        if net or charges or traded
    ]


def _results(history: History, scope: Scope, by: By) -> Iterator[tuple[str, DailyResult]]:
    """The results of a scope, each with the name of its group."""
    if by is not By.TAG and not scope.tag:
        name = _position_name(history, scope, by)
        for position, result in history.results.items():
            if scope.holds(position, history.key_of(position)):
                yield name(position), result
        return
    for (position, tag), result in history.tagged.items():
        if scope.tag in ("", tag) and scope.holds(position, history.key_of(position)):
            yield tag if by is By.TAG else _position_name(history, scope, by)(position), result


def _by_day(history: History, scope: Scope, trades: Mapping[str, list[ClosedTrade]]) -> list[Part]:
    cut = span_of(history.days, scope)
    total = history.of(scope)
    columns = (total.gains[cut].tolist(), total.charges[cut].tolist(), total.traded[cut].tolist())
    return [
        Part(day.isoformat(), net, charges, traded, _figures(trades.get(day.isoformat(), [])))
        for day, net, charges, traded in zip(history.days[cut], *columns, strict=True)
    ]


def _of_trades(name: str, trades: list[ClosedTrade]) -> Part:
    trips = [each.trip for each in trades]
    traded = sum((trip.entry_price + trip.exit_price) * abs(trip.quantity) * 100 for trip in trips)
    figures = _figures(trades)
    return Part(name, figures.net_paise, sum(trip.charges_paise for trip in trips), round(traded), figures)


def _figures(trades: list[ClosedTrade]) -> TradeFigures:
    return trade_figures([net_in_paise(each.trip) for each in trades], [each.trip.held for each in trades])


def _position_name(history: History, scope: Scope, by: By) -> Callable[[PositionKey], str]:
    accounts: dict[UUID, str] = {account.id: account.name for account in scope.accounts}
    names: dict[By, Callable[[PositionKey], str]] = {
        By.SYMBOL: history.key_of,
        By.STRATEGY: lambda position: position.strategy,
        By.PRODUCT: lambda position: position.product,
        By.ACCOUNT: lambda position: accounts[position.account_id],
    }
    return names[by]


def _trade_name(history: History, scope: Scope, by: By) -> Callable[[ClosedTrade], str]:
    if by in _OF_POSITIONS and by is not By.TAG:
        of_position = _position_name(history, scope, by)
        return lambda trade: of_position(trade.position)
    names: dict[By, Callable[[ClosedTrade], str]] = {
        By.DAY: lambda trade: trade.trip.closed_at.astimezone(IST).date().isoformat(),
        By.TAG: lambda trade: trade.tag,
        By.WEEKDAY: lambda trade: WEEKDAYS[trade.trip.closed_at.astimezone(IST).weekday()],
        By.HOUR: lambda trade: f"{trade.trip.opened_at.astimezone(IST).hour:02d}:00",
    }
    return names[by]
