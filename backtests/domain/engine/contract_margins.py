"""What a run's futures and options have to set aside: scenario margin over all contracts of an underlying, by the
book that accounts are margined with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.clock import IST
from core.money import to_paise
from trading.brokers.domain.terms import Product, Side
from trading.marketdata.domain.quote import Quote
from trading.portfolio.domain.position import PositionState
from trading.portfolio.domain.span import Underlying, risk_arrays
from trading.portfolio.domain.span.book import HeldContract, Marginable, MarginBook, Trade, is_option, risk_contract

from .data import Listing, MarketData

NO_UNDERLYING_PRICE = "no_underlying_price"
_MOST_FUTURES = 4
_FUTURE_LAG_SECONDS = 300

PositionKey = tuple[str, Product, str]


@dataclass(frozen=True, slots=True)
class ListedContract:
    """A listing as the margin book takes it; `underlying` is the symbol, as parameters go by it."""

    listing: Listing

    @property
    def key(self) -> str:
        return self.listing.symbol

    @property
    def exchange(self) -> str:
        return self.listing.exchange

    @property
    def underlying(self) -> str:
        return self.listing.contract.underlying

    @property
    def instrument_type(self) -> str:
        return self.listing.instrument_type

    @property
    def expiry(self) -> date | None:
        return self.listing.contract.expiry

    @property
    def strike(self) -> Decimal | None:
        return self.listing.contract.strike


@dataclass(frozen=True, slots=True)
class ContractOrder:
    """An order in a future or an option; `price` is rupees a unit at worst, `exiting` what other live orders of its
    side close of its position already."""

    listing: Listing
    product: Product
    strategy: str
    side: Side
    quantity: int
    price: Decimal
    exiting: int = 0

    @property
    def trade(self) -> Trade:
        return Trade(
            ListedContract(self.listing), str(self.product), self.strategy, self.side, self.quantity, self.price
        )


class ContractMargins:
    """Asks about one account. `quote` tells an instrument's latest snapshot, None where it is not followed or has
    none; `positions` what is open. Blocks are by underlying, in paise; the caller posts their changes."""

    def __init__(
        self,
        data: MarketData,
        quote: Callable[[str], Quote | None],
        positions: Callable[[], Iterable[tuple[PositionKey, PositionState]]],
    ) -> None:
        self._data, self._quote, self._positions = data, quote, positions
        self.blocked: dict[str, int] = {}

    def need_paise(self, order: ContractOrder, now: datetime) -> tuple[int, str]:
        """Margin and premium that an order needs besides its charges, and the code of why it cannot be told.

        As for an account: what its fill would block more than is blocked now, and the premium it pays.
        """
        underlying = order.listing.contract.underlying
        held = self._held(underlying)
        contracts: list[Marginable] = [*(each.instrument for each in held), ListedContract(order.listing)]
        book = self._book(order.listing.underlying, underlying, contracts, now)
        if book.arrays is None:
            return _unpriced(held, order)
        effect = book.effect(held, order.trade, exiting=order.exiting)
        return effect.margin_paise + effect.premium_paise, ""

    def basket_paise(self, orders: Sequence[ContractOrder], now: datetime) -> tuple[int, str]:
        """What several orders need together, each as if those before it had filled, so that a hedge counts for what
        it hedges; and the code of why it cannot be told."""
        total = 0
        for underlying in dict.fromkeys(order.listing.contract.underlying for order in orders):
            legs = [order for order in orders if order.listing.contract.underlying == underlying]
            held: Sequence[HeldContract] = self._held(underlying)
            contracts: list[Marginable] = [each.instrument for each in held]
            contracts.extend(ListedContract(leg.listing) for leg in legs)
            book = self._book(legs[0].listing.underlying, underlying, contracts, now)
            for leg in legs:
                if book.arrays is None:
                    needed, refusal = _unpriced(held, leg)
                    if refusal:
                        return total, refusal
                    total += needed
                    continue
                effect = book.effect(held, leg.trade, exiting=leg.exiting)
                total += effect.margin_paise + effect.premium_paise
                held = effect.held
        return total, ""

    def reblock(self, listing: Listing, now: datetime) -> int:
        """Bring the block of a contract's underlying in step with positions and prices; by how much it grew.

        Without a price of the underlying it stays as it was, unless nothing is open any more.
        """
        underlying = listing.contract.underlying
        held, before = self._held(underlying), self.blocked.get(underlying, 0)
        after = 0
        if held:
            book = self._book(listing.underlying, underlying, [each.instrument for each in held], now)
            after = before if book.arrays is None else book.require(held).total_paise
        self.blocked[underlying] = after
        return after - before

    def _held(self, underlying: str) -> list[HeldContract]:
        found = []
        for (symbol, product, strategy), state in self._positions():
            listing = self._data.listing(symbol)
            if listing.underlying and listing.contract.underlying == underlying and state.quantity:
                contract = ListedContract(listing)
                found.append(HeldContract(contract, str(product), strategy, state.quantity, state.open_value_paise))
        return found

    def _book(self, cash_key: str, underlying: str, contracts: Sequence[Marginable], now: datetime) -> MarginBook:
        unique = list({each.key: each for each in contracts}.values())
        rows = {each.key: row for row, each in enumerate(unique)}
        day = now.astimezone(IST).date()
        known = self._where(cash_key, underlying, day)
        if known is None:
            return MarginBook(None, rows, None)
        quotes = {each.key: self._quote(each.key) for each in unique}
        priced = [risk_contract(each, _price(quotes, each.key), now) for each in unique]
        arrays = risk_arrays(priced, known, self._data.rules.span(underlying, day), today=day)
        return MarginBook(arrays, rows, known.price)

    def _where(self, cash_key: str, underlying: str, day: date) -> Underlying | None:
        """The underlying's own price and the forwards of futures that are followed; the nearest future's price
        where it has none itself."""
        spot = self._quote(cash_key)
        futures: dict[date, Quote] = {}
        for each in self._data.futures(underlying, day)[:_MOST_FUTURES]:
            quote = self._quote(each.symbol)
            if quote is not None and quote.ltp > 0 and each.expiry is not None:
                futures[each.expiry] = quote
        if spot is not None and spot.ltp > 0:
            fresh = {
                expiry: float(quote.ltp)
                for expiry, quote in futures.items()
                if (spot.timestamp - quote.timestamp).total_seconds() <= _FUTURE_LAG_SECONDS
            }
            return Underlying(float(spot.ltp), fresh)
        if not futures:
            return None
        prices = {expiry: float(quote.ltp) for expiry, quote in futures.items()}
        return Underlying(next(iter(prices.values())), prices)


def _price(quotes: Mapping[str, Quote | None], key: str) -> Decimal | None:
    quote = quotes.get(key)
    return None if quote is None else quote.ltp


def _unpriced(held: Sequence[HeldContract], order: ContractOrder) -> tuple[int, str]:
    """Without a price of the underlying only what can raise no requirement is taken: fail closed."""
    trade = order.trade
    here = sum(each.quantity for each in held if each.name == trade.name)
    if is_option(trade.instrument) and order.side is Side.BUY:
        opened = order.quantity if here >= 0 else max(order.quantity + here, 0)
        return to_paise(order.price * opened), ""
    closes = here * order.side.sign < 0 and order.quantity + order.exiting <= abs(here)
    others = [each for each in held if each.name != trade.name]
    may_hedge = any(each.quantity < 0 or not is_option(each.instrument) for each in others)
    return (0, "") if closes and not may_hedge else (0, NO_UNDERLYING_PRICE)
