"""The one account of a run: cash as the ledger keeps it, and positions as folds of what happens to them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec import Struct

from core.money import PAISA, to_paise
from trading.brokers.domain.messages import Execution
from trading.brokers.domain.terms import Product, Side
from trading.portfolio.domain.charges import BrokerageRates, ChargeRates, Charges, charges
from trading.portfolio.domain.ledger import LedgerAccount, Postings, fill_postings, hold_postings, inventory_paise
from trading.portfolio.domain.margin import MarginTerms
from trading.portfolio.domain.position import FLAT, PositionChange, PositionFill, PositionState, apply_fill, share
from trading.portfolio.domain.position_events import EventFacts, apply_event
from trading.portfolio.domain.trade import OPTION_TYPES, Segment, Trade

from .data import Listing
from .orders import SimOrder
from .result import FillRow

PositionKey = tuple[str, Product, str]
"""Symbol, product and strategy."""
NOTHING_CHARGED = Charges()
_NO_LINES: Mapping[str, int] = {name: 0 for name, _ in NOTHING_CHARGED.lines()}


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a trade costs and blocks on one day; `rates` is None where nothing is charged."""

    segment: Segment
    exchange: str
    rates: ChargeRates | None
    brokerage: BrokerageRates | None
    margin: MarginTerms

    def charges(self, side: Side, quantity: int, price: Decimal, before: Decimal = Decimal(0)) -> Charges:
        """To the paisa by line; `before` is what the order has traded for already, in rupees."""
        if self.rates is None or self.brokerage is None:
            return NOTHING_CHARGED
        trade = Trade(self.segment, self.exchange, side, quantity, price, before)
        return charges(trade, self.rates, self.brokerage).rounded()

    def lines(self, side: Side, quantity: int, price: Decimal, before: Decimal) -> Mapping[str, int]:
        """The same in paise by name, all of them; their sum is what is charged."""
        if self.rates is None or self.brokerage is None:
            return _NO_LINES
        trade = Trade(self.segment, self.exchange, side, quantity, price, before)
        return {name: to_paise(rupees) for name, rupees in charges(trade, self.rates, self.brokerage).lines()}


class Move(Struct, frozen=True):
    """A position after something happened to it: the instrument's units over all products and strategies change by
    `quantity`, cash by `cash_paise`; equity is cash and the worth of all units."""

    at: float
    symbol: str
    quantity: int
    cash_paise: int


class Account:
    """Balances in paise by ledger account; nothing is refused here, see `Exchange`."""

    def __init__(
        self,
        capital_paise: int,
        *,
        is_endless: bool,
        delivered: Callable[[PositionKey, int, int], None] | None = None,
    ) -> None:
        """`delivered` hears of trades for delivery: the position, signed units, and what was held before."""
        self.balances = dict.fromkeys(LedgerAccount, 0)
        self.balances[LedgerAccount.AVAILABLE] = capital_paise
        self.is_endless = is_endless
        self._delivered = delivered
        self.positions: dict[PositionKey, PositionState] = {}
        self.moves: list[Move] = []

    @property
    def available_paise(self) -> int:
        """Free for new orders."""
        return self.balances[LedgerAccount.AVAILABLE]

    def state(self, key: PositionKey) -> PositionState:
        """A position; flat where there is none."""
        return self.positions.get(key, FLAT)

    def open_positions(self) -> Iterator[tuple[PositionKey, PositionState]]:
        """All that are not flat, the oldest first."""
        return ((key, state) for key, state in list(self.positions.items()) if state.quantity)

    def hold(self, order: SimOrder, paise: int) -> bool:
        """Let an order hold so much; False, with nothing changed, where the account has not got it."""
        change = paise - order.hold_paise
        if change == 0 or self.is_endless:
            return True
        if change > 0 and self.available_paise < change:
            return False
        self._post(hold_postings(change))
        order.hold_paise = paise
        return True

    def fill(
        self, order: SimOrder, execution: Execution, listing: Listing, tariff: Tariff, *, day: date, pending: int
    ) -> tuple[FillRow, PositionChange]:
        """Post a trade; `pending` units of the order are left after it."""
        price, quantity = execution.price, execution.quantity
        lines = tariff.lines(order.side, quantity, price, order.turnover)
        total = sum(lines.values())
        key = (order.symbol, order.product, order.strategy)
        before = self.state(key)
        change = apply_fill(before, PositionFill(order.side, quantity, price, day, total), tariff.margin)
        released = share(order.hold_paise, quantity, quantity + pending)
        self._settle(key, before, change, listing, total, released, execution.traded_at.timestamp())
        if self._delivered is not None and order.product.takes_delivery:
            self._delivered(key, order.side.sign * quantity, before.quantity)
        order.hold_paise -= released
        order.turnover = (order.turnover + price * quantity).quantize(PAISA)
        row = FillRow(
            order_id=order.name,
            strategy=order.strategy,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            product=order.product,
            charges=lines,
            charges_paise=total,
            at=execution.traded_at,
            tag=order.tag,
        )
        return row, change

    def event(self, key: PositionKey, facts: EventFacts, listing: Listing, at: float) -> PositionChange:
        """Post what is no trade. Raises EventImpossible."""
        before = self.state(key)
        change = apply_event(before, facts)
        self._settle(key, before, change, listing, facts.charges_paise, 0, at)
        return change

    def block(self, change_paise: int) -> None:
        """Margin that a portfolio of futures and options needs more than before."""
        if change_paise and not self.is_endless:
            self.balances[LedgerAccount.MARGIN] += change_paise
            self.balances[LedgerAccount.AVAILABLE] -= change_paise

    def _settle(
        self,
        key: PositionKey,
        before: PositionState,
        change: PositionChange,
        listing: Listing,
        charges_paise: int,
        released_paise: int,
        at: float,
    ) -> None:
        after = change.after
        paid = key[1] is Product.DELIVERY or listing.instrument_type in OPTION_TYPES
        inventory = inventory_paise(after, is_paid_in_full=paid) - inventory_paise(before, is_paid_in_full=paid)
        self._post(
            fill_postings(
                change,
                inventory_change_paise=inventory,
                charges_paise=charges_paise,
                released_hold_paise=released_paise,
            )
        )
        self.positions[key] = after
        cost = _signed_cost(after) - _signed_cost(before)
        cash = change.realised_pnl_paise - cost - charges_paise
        self.moves.append(Move(at, key[0], after.quantity - before.quantity, cash))

    def _post(self, postings: Postings) -> None:
        for ledger, paise in postings.items():
            self.balances[ledger] += paise


def _signed_cost(state: PositionState) -> int:
    return state.open_value_paise if state.quantity >= 0 else -state.open_value_paise
