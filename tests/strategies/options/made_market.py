"""A made-up market for options strategies: one spot, one volatility, weekly expiries, every order filled at once at
the model's price. It is a `Context` of its own, so that a strategy is proven apart from host and engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from trading.brokers.domain.terms import OrderType, Product, Side
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.life import years_to
from trading.orders.domain.option_choice import ExpiryRule, Right, StrikeOffset, expiry_chosen, strike_chosen
from trading.orders.domain.states import OrderStatus
from trading.strategies.catalogue.options.base import OptionStrategy
from trading.strategies.domain.market import Bar, Contract, Fill, Holding, OrderView
from trading.strategies.domain.wish import LegWish

IST = ZoneInfo("Asia/Kolkata")
TICK = Decimal("0.05")
INDEX = "NSE:NIFTY"
THURSDAYS = tuple(date(2022, 1, 6) + timedelta(weeks=week) for week in range(12))
STRIKES = tuple(Decimal(strike) for strike in range(14_000, 21_001, 50))
LOT = 50


@dataclass
class Greeks:
    iv: float
    delta: float
    gamma: float
    theta: float
    vega: float


@dataclass
class MadeMarket:
    """Spot and volatility are set by the test; `fills` and `log` are what happened."""

    strategy: OptionStrategy
    spot: float = 17_500.0
    volatility: float = 0.16
    underlying: str = INDEX
    is_share: bool = False
    clock: datetime = datetime(2022, 1, 3, 9, 15, tzinfo=IST)
    capital: Decimal = Decimal(1_000_000)
    fills: list[Fill] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    refuses: bool = False
    unpriced: bool = False
    volatility_of: Callable[[date], float] | None = None

    def __post_init__(self) -> None:
        self.memory: dict[str, Any] = {}
        self.held: dict[str, int] = {}
        self.pending: list[Callable[[], None]] = []
        self.products: dict[str, Product | None] = {}
        self.bells: list[tuple[datetime, str]] = []
        self._number = 0
        self.strategy.on_start(self)

    # What a test does

    def session(self, day: date) -> None:
        self.clock = datetime.combine(day, time(9, 15), tzinfo=IST)
        self._settle(day)
        self.strategy.on_session(self)
        self._tell()

    def at(self, when: Any, name: str | None = None) -> None:
        """For a test, the market's next bar closes at that time, "09:20"; for the strategy, a bell."""
        if name is not None:
            self.bells.append((datetime.combine(self.clock.date(), when, tzinfo=IST), name))
            return
        self.clock = datetime.combine(self.clock.date(), time.fromisoformat(when), tzinfo=IST)
        self.strategy.on_bar(self, self._bar())
        self._tell()

    def restart(self, strategy: OptionStrategy) -> None:
        """Another process goes on with what was remembered."""
        self.strategy = strategy
        self.strategy.on_start(self)

    def price(self, symbol: str) -> Decimal:
        if symbol == self.underlying:
            return Decimal(str(self.spot))
        contract = self.contract(symbol)
        if contract.right is None:
            return Decimal(str(self.spot))
        assert contract.expiry is not None
        assert contract.strike is not None
        years = years_to(contract.expiry, self.clock)
        volatility = self.volatility_of(contract.expiry) if self.volatility_of else self.volatility
        worth = kernel.price(
            contract.right is Right.CALL,
            self.spot,
            float(contract.strike),
            years,
            volatility,
            rate=0.0,
        )
        return max((Decimal(float(worth)) / TICK).quantize(Decimal(1)) * TICK, TICK if years else Decimal(0))

    @property
    def profit(self) -> Decimal:
        """Cash of all fills, with what is open at the present price."""
        cash = sum((-fill.side.sign * fill.quantity * fill.price for fill in self.fills), Decimal(0))
        return cash + sum((units * self.price(symbol) for symbol, units in self.held.items() if units), Decimal(0))

    @property
    def open(self) -> dict[str, int]:
        return {symbol: units for symbol, units in self.held.items() if units}

    def _settle(self, day: date) -> None:
        """What expired before this day is gone, at its worth at the spot."""
        for symbol, units in self.open.items():
            expiry = None if symbol == self.underlying else self.contract(symbol).expiry
            if expiry is not None and expiry < day:
                worth = self.price(symbol)
                self.fills.append(
                    self._fill(symbol, Side.SELL if units > 0 else Side.BUY, abs(units), worth, "settle")
                )
                self.held[symbol] = 0

    def _bar(self) -> Bar:
        end = int(self.clock.timestamp())
        return Bar(self.underlying, Interval.M1, end - 60, end, self.spot, self.spot, self.spot, self.spot, 0)

    def _tell(self) -> None:
        while self.pending:
            self.pending.pop(0)()

    # Context

    @property
    def now(self) -> datetime:
        return self.clock

    @property
    def equity(self) -> Decimal:
        return self.capital + self.profit

    @property
    def cash(self) -> Decimal:
        return self.capital

    def position(self, symbol: str | None = None) -> Holding:
        key = symbol or self.underlying
        return Holding(key, self.held.get(key, 0), last_price=self.price(key))

    def positions(self) -> Sequence[Holding]:
        return [self.position(symbol) for symbol in self.open]

    def orders(self, symbol: str | None = None) -> Sequence[OrderView]:
        return []

    def bars(self, count: int, symbol: str | None = None, interval: Interval | None = None) -> Sequence[Bar]:
        return [self._bar()]

    def last_price(self, symbol: str | None = None) -> Decimal | None:
        return None if self.unpriced else self.price(symbol or self.underlying)

    def contract(self, symbol: str | None = None) -> Contract:
        key = symbol or self.underlying
        if key == self.underlying:
            return Contract(key, TICK, 1, is_tradable=self.is_share)
        if key.endswith("FUT"):
            return Contract(key, TICK, LOT, underlying="NIFTY", expiry=date.fromisoformat(key[-13:-3]))
        _, _, day, strike, right = key.split("|")
        return Contract(
            key,
            TICK,
            LOT,
            underlying="NIFTY",
            expiry=date.fromisoformat(day),
            right=Right(right),
            strike=Decimal(strike),
        )

    def buy(self, quantity: int, symbol: str | None = None, **terms: Any) -> OrderView:
        return self._trade(
            Side.BUY, quantity, symbol or self.underlying, terms.get("product"), terms.get("tag", "")
        )

    def sell(self, quantity: int, symbol: str | None = None, **terms: Any) -> OrderView:
        return self._trade(
            Side.SELL, quantity, symbol or self.underlying, terms.get("product"), terms.get("tag", "")
        )

    def legs(self, legs: Sequence[LegWish], *, tag: str = "") -> Sequence[OrderView]:
        assert all(leg.lots > 0 for leg in legs)
        return [
            self._trade(leg.side, leg.lots * self.contract(leg.symbol).lot_size, leg.symbol, leg.product, leg.tag)
            for leg in legs
        ]

    def target(self, *given: Any, **terms: Any) -> OrderView | None:
        raise NotImplementedError

    def close(self, symbol: str | None = None, *, tag: str = "") -> OrderView | None:
        raise NotImplementedError

    def close_all(self, *, tag: str = "") -> Sequence[OrderView]:
        raise NotImplementedError

    def modify(self, order_id: str, **terms: Any) -> OrderView:
        raise NotImplementedError

    def cancel(self, order_id: str) -> None:
        raise NotImplementedError

    def cancel_all(self, symbol: str | None = None) -> None:
        raise NotImplementedError

    def bracket(self, *given: Any, **terms: Any) -> OrderView:
        raise NotImplementedError

    def expiries(self, underlying: str | None = None) -> Sequence[date]:
        return [expiry for expiry in THURSDAYS if expiry >= self.clock.date()]

    def strikes(self, expiry: date, underlying: str | None = None) -> Sequence[Decimal]:
        return STRIKES

    def future(self, *, underlying: str | None = None, expiry: Any = ExpiryRule.CURRENT_MONTH) -> Contract | None:
        found = (
            expiry if isinstance(expiry, date) else expiry_chosen(expiry, self.expiries(), today=self.now.date())
        )
        return None if self.is_share or found is None else self.contract(f"NIFTY{found.isoformat()}FUT")

    def option(
        self,
        right: Right,
        *,
        underlying: str | None = None,
        expiry: Any = ExpiryRule.CURRENT_WEEK,
        offset: int = 0,
        strike: Any = None,
        delta: float | None = None,
        premium: Any = None,
    ) -> Contract | None:
        found = expiry_chosen(expiry, self.expiries(), today=self.now.date())
        if found is None:
            return None
        listed = [self.contract(f"OPT|NIFTY|{found.isoformat()}|{each}|{right}") for each in STRIKES]
        if delta is not None:
            return min(listed, key=lambda each: abs(abs(self.greeks(each.symbol).delta) - delta))
        if premium is not None:
            return min(listed, key=lambda each: abs(float(self.price(each.symbol)) - float(premium)))
        chosen = strike if strike is not None else self._at(offset, right)
        return next((each for each in listed if each.strike == chosen), None)

    def _at(self, offset: int, right: Right) -> Decimal | None:
        return strike_chosen(StrikeOffset(offset), STRIKES, price=Decimal(str(self.spot)), right=right)

    def greeks(self, symbol: str) -> Greeks:
        contract = self.contract(symbol)
        assert contract.expiry is not None
        assert contract.strike is not None
        years = years_to(contract.expiry, self.clock)
        found = kernel.greeks(
            contract.right is Right.CALL, self.spot, float(contract.strike), years, self.volatility, rate=0.0
        )
        return Greeks(
            self.volatility, *(float(each) for each in (found.delta, found.gamma, found.theta, found.vega))
        )

    def watch(self, symbol: str) -> None: ...

    def remember(self, key: str, value: Any) -> None:
        self.memory[key] = value

    def recall(self, key: str, default: Any = None) -> Any:
        return self.memory.get(key, default)

    def log(self, message: str) -> None:
        self.journal.append(message)

    def _trade(self, side: Side, quantity: int, symbol: str, product: Product | None, tag: str) -> OrderView:
        assert quantity > 0
        self._number += 1
        order = OrderView(
            str(self._number),
            symbol,
            side,
            quantity,
            OrderType.MARKET,
            product or Product.INTRADAY,
            OrderStatus.FILLED,
            tag=tag,
        )
        if self.refuses:
            refused = replace(order, status=OrderStatus.REJECTED, reason="no margin")
            self.pending.append(lambda: self.strategy.on_order(self, refused))
            return refused
        self.products[symbol] = product
        fill = self._fill(symbol, side, quantity, self.price(symbol), tag)
        self.fills.append(fill)
        self.held[symbol] = self.held.get(symbol, 0) + side.sign * quantity
        self.pending.append(lambda: self.strategy.on_fill(self, fill))
        return order

    def _fill(self, symbol: str, side: Side, quantity: int, price: Decimal, tag: str) -> Fill:
        return Fill(str(self._number), symbol, side, quantity, price, Decimal(0), self.clock, tag)
