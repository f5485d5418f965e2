"""Market data with options where none are stored: what is known comes first, rules and a stated model fill the
rest."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from backtests.domain.engine.data import CorporateAction, Listing, MarketData, Rules, SessionDay
from core.errors import NotFound
from trading.instruments.domain.contract_cycles import exchange_of, strike_step
from trading.marketdata.domain.bars import PRICE_SCALE, BarSeries, Interval
from trading.marketdata.domain.tick import Tick
from trading.orders.domain.option_choice import Right
from trading.strategies.domain.market import Contract, Expiry

from .contracts import ContractRules
from .model import OptionModel
from .pricing import Pricing

_LADDER = Decimal("0.15")


def with_options(data: MarketData, model: OptionModel | None = None) -> "OptionMarket":
    """The same market with contracts and prices of options and futures where it has none of its own.

    One for each run: it remembers what priced what, and tells it in `notes`.
    """
    return OptionMarket(data, model or OptionModel())


class OptionMarket:
    """`MarketData` around another. On a day whose nearest expiry the other one lists, its listing stands; else the
    dated rules of `contract_cycles` say what was listed."""

    def __init__(self, data: MarketData, model: OptionModel) -> None:
        self._data, self.model = data, model
        self._contracts = ContractRules(data, model)
        self._pricing = Pricing(data, model, self._contracts)
        self._listed: dict[tuple[str, date], tuple[Expiry, ...]] = {}
        self._listings: dict[str, Listing] = {}

    @property
    def rules(self) -> Rules:
        return self._data.rules

    def listing(self, symbol: str) -> Listing:
        """Raises NotFound, `unknown_symbol`."""
        if symbol not in self._listings:
            try:
                self._listings[symbol] = self._data.listing(symbol)
            except NotFound:
                made = self._contracts.listing(symbol)
                if made is None:
                    raise
                self._listings[symbol] = made
        return self._listings[symbol]

    def sessions(self, symbol: str, first: date, last: date) -> Sequence[SessionDay]:
        """Of a contract none after its end; of one that is not stored, those of its underlying."""
        if self.listing(symbol).contract.expiry is not None:
            last = min(last, self.listing(symbol).contract.expiry or last)
        try:
            return self._data.sessions(symbol, first, last)
        except NotFound:
            return self._data.sessions(self.listing(symbol).underlying, first, last)

    def bars(self, symbol: str, interval: Interval, since: int, until: int) -> BarSeries:
        """Stored bars; of a contract the days that have none are priced by the model."""
        listing = self.listing(symbol)
        if not listing.underlying or listing.contract.expiry is None:
            return self._data.bars(symbol, interval, since, until)
        return self._pricing.bars(listing, interval, since, until)

    def ticks(self, symbol: str, day: date) -> Iterator[Tick] | None:
        try:
            return self._data.ticks(symbol, day)
        except NotFound:
            return None

    def actions(self, symbol: str, first: date, last: date) -> Sequence[CorporateAction]:
        try:
            return self._data.actions(symbol, first, last)
        except NotFound:
            return ()

    def options(self, underlying: str, on: date) -> Sequence[Expiry]:
        """Expiries with strikes within 15 % of the underlying's last close, or those that are stored."""
        symbol = underlying.rpartition(":")[2]
        if (symbol, on) not in self._listed:
            self._listed[symbol, on] = self._options(symbol, on)
        return self._listed[symbol, on]

    def futures(self, underlying: str, on: date) -> Sequence[Contract]:
        symbol = underlying.rpartition(":")[2]
        stored = self._data.futures(symbol, on)
        made = self._contracts.futures(symbol, on)
        is_stored = bool(made) and any(each.expiry == made[0].expiry for each in stored)
        return stored if is_stored or not made else made

    def option(self, underlying: str, expiry: date, strike: Decimal, right: str) -> Contract | None:
        symbol = underlying.rpartition(":")[2]
        stored = self._data.option(symbol, expiry, strike, right)
        return stored or self._contracts.option(symbol, expiry, strike, Right(right))

    def settlement_price(self, symbol: str, day: date) -> Decimal | None:
        """The stored one, else from the underlying's own bars of the day: contracts of the past must end. Of a
        contract itself none but a stored one: its day's trading tells."""
        stored = self._data.settlement_price(symbol, day)
        if stored is not None:
            return stored
        key = symbol if ":" in symbol else f"{exchange_of(symbol)[0]}:{symbol}"
        return None if self.listing(key).underlying else self._pricing.settled_at(key, day)

    def notes(self, symbols: Sequence[str]) -> Sequence[str]:
        """Those of the data, and which source priced which contract so far."""
        return [*self._data.notes(symbols), *self._contracts.notes(), *self._pricing.notes()]

    def _options(self, symbol: str, on: date) -> tuple[Expiry, ...]:
        stored = tuple(self._data.options(symbol, on))
        made = self._contracts.expiries(symbol, on)
        if not made or any(each.on == made[0].on for each in stored):
            return stored
        ladder = self._ladder(symbol, on)
        return tuple(Expiry(symbol, each.on, ladder) for each in made) if ladder else stored

    def _ladder(self, symbol: str, on: date) -> tuple[Decimal, ...]:
        """Strikes around the last close before the day; around the day's open where there is none."""
        price = self._price_before(f"{exchange_of(symbol)[0]}:{symbol}", on)
        if price is None:
            return ()
        step = strike_step(symbol, price)
        first, last = int(price * (1 - _LADDER) / step) + 1, int(price * (1 + _LADDER) / step)
        return tuple(step * number for number in range(first, last + 1))

    def _price_before(self, key: str, on: date) -> Decimal | None:
        closes = self._pricing.levels.closes_before(key, (on - date(1970, 1, 1)).days, 1)
        if len(closes):
            return Decimal(str(round(float(closes[-1]), 4)))
        first = self._pricing.first_of_day(key, on)
        return None if first is None else Decimal(first) / PRICE_SCALE
