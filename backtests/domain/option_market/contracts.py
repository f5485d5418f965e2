"""Contracts by rule: those that an underlying had on a day of which no listing is stored."""

from datetime import date, timedelta
from decimal import Decimal

from backtests.domain.engine.data import Listing, MarketData
from core.errors import NotFound
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.domain.contract_cycles import (
    ERAS,
    ListedExpiry,
    exchange_of,
    listed_expiries,
    lot_size,
    month_expiry,
)
from trading.instruments.domain.keys import Contract as Named
from trading.instruments.domain.keys import MalformedKey
from trading.instruments.domain.keys import Right as NamedRight
from trading.orders.domain.option_choice import Right
from trading.strategies.domain.market import Contract

from .model import OptionModel

TICK = Decimal("0.05")


class ContractRules:
    """What the dated rules say, with the trading days that the data know. Past their end, weekdays stand in."""

    def __init__(self, data: MarketData, model: OptionModel) -> None:
        self._data, self._model = data, model
        self._days: dict[tuple[str, int], tuple[date, date, frozenset[date]]] = {}
        self._expiries: dict[tuple[str, date], tuple[ListedExpiry, ...]] = {}
        self._lots: dict[str, int | None] = {}
        self._counts: dict[tuple[str, date, date], int] = {}
        self._used: set[str] = set()

    def expiries(self, symbol: str, on: date) -> tuple[ListedExpiry, ...]:
        """Listed on a day, ascending; empty where lots are not known."""
        if (symbol, on) not in self._expiries:
            listed = listed_expiries(symbol, on, lambda day: self._is_trading_day(symbol, day))
            known = tuple(each for each in listed if self._lot(symbol, each.on) is not None)
            self._expiries[symbol, on] = known
        return self._expiries[symbol, on]

    def futures(self, symbol: str, on: date) -> tuple[Contract, ...]:
        """Of the months, the first to expire first."""
        made = [self._contract(symbol, each, None, None) for each in self.expiries(symbol, on) if each.is_monthly]
        return tuple(each for each in made if each is not None)[:3]

    def option(self, symbol: str, expiry: date, strike: Decimal, right: Right) -> Contract | None:
        """The contract, if that expiry was one."""
        found = next((each for each in self.expiries(symbol, expiry) if each.on == expiry), None)
        return None if found is None or strike <= 0 else self._contract(symbol, found, strike, right)

    def listing(self, key: str) -> Listing | None:
        """Of a contract by its key; None where it names none that the rules know."""
        _, _, text = key.partition(":")
        try:
            named = Named.parse(text)
        except MalformedKey:
            return None
        on = self._expiry_of(named)
        if on is None or self._lot(named.underlying, on) is None:
            return None
        right = None if named.right is NamedRight.FUTURE else Right(named.right.value)
        contract = self._contract(named.underlying, ListedExpiry(on, named.day is None), named.strike, right)
        if contract is None or contract.symbol != key:
            return None
        cash, exchange = exchange_of(named.underlying)
        return Listing(contract, exchange, "FUT" if right is None else str(right), f"{cash}:{named.underlying}")

    def sessions_after(self, symbol: str, day: date, until: date) -> int:
        """How many trading days there are after a day up to another, that one included."""
        key = symbol, day, until
        if key not in self._counts:
            span = (day + timedelta(days=each) for each in range(1, (until - day).days + 1))
            self._counts[key] = sum(self._is_trading_day(symbol, each) for each in span)
        return self._counts[key]

    def notes(self) -> list[str]:
        """What was made up of which underlyings, and whose lots are not those of the time."""
        if not self._used:
            return []
        ruled = ", ".join(sorted(self._used))
        notes = [f"Expiries, lots and strikes of {ruled} follow the house's dated rules, not a stored listing."]
        given = ", ".join(f"{each} {self._lots[each]}" for each in sorted(self._used) if each in self._lots)
        if given:
            notes.append(f"Lots that were given, or are those of contracts stored now, whatever the day: {given}.")
        return notes

    def _contract(
        self, symbol: str, expiry: ListedExpiry, strike: Decimal | None, right: Right | None
    ) -> Contract | None:
        lot = self._lot(symbol, expiry.on)
        if lot is None:
            return None
        self._used.add(symbol)
        named = Named(
            symbol,
            expiry.on.year,
            expiry.on.month,
            NamedRight.FUTURE if right is None else NamedRight(right.value),
            day=None if expiry.is_monthly else expiry.on.day,
            strike=strike,
        )
        return Contract(
            symbol=f"{exchange_of(symbol)[1]}:{named.symbol}",
            tick_size=TICK,
            lot_size=lot,
            underlying=symbol,
            expiry=expiry.on,
            right=right,
            strike=strike,
        )

    def _expiry_of(self, named: Named) -> date | None:
        if named.day is not None:
            on = date(named.year, named.month, named.day)
            listed = self.expiries(named.underlying, on)
            return on if listed and listed[0] == ListedExpiry(on, False) else None
        return month_expiry(
            named.underlying, named.year, named.month, lambda day: self._is_trading_day(named.underlying, day)
        )

    def _lot(self, symbol: str, expiry: date) -> int | None:
        if symbol in ERAS and symbol not in self._model.lot_sizes:
            return lot_size(symbol, expiry)
        if symbol not in self._lots:
            stored = self._data.futures(symbol, expiry)
            self._lots[symbol] = self._model.lot_sizes.get(symbol) or (stored[0].lot_size if stored else None)
        return self._lots[symbol]

    def _is_trading_day(self, symbol: str, day: date) -> bool:
        """As the data's calendar has it; a weekday where it does not reach."""
        first, last, days = self._sessions(symbol, day.year)
        return day in days if first <= day <= last else day.weekday() < 5

    def _sessions(self, symbol: str, year: int) -> tuple[date, date, frozenset[date]]:
        """The trading days that are known of a year, with the first and the last of them."""
        key = f"{exchange_of(symbol)[0]}:{symbol}"
        if (symbol, year) not in self._days:
            try:
                found = self._data.sessions(key, date(year, 1, 1), date(year + 1, 1, 1) - timedelta(days=1))
            except (CalendarUnknown, NotFound):
                found = ()
            days = frozenset(each.day for each in found)
            self._days[symbol, year] = min(days, default=date.max), max(days, default=date.min), days
        return self._days[symbol, year]
