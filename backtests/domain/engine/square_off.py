"""Closing intraday positions when the day's rule says so, as the house does it for accounts."""

from collections.abc import Callable
from dataclasses import dataclass

from core.money import to_paise
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import Origin
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind
from trading.strategies.domain.wish import OrderWish

from .account import Account, PositionKey
from .clock import Clock
from .data import SquareOff
from .exchange import Exchange
from .floor import Floor
from .orders import SimOrder
from .result import EventRow

Moved = Callable[[EventRow, int], None]
SQUARE_OFF = "square-off"
RETRY_AFTER = 30
MOST_ORDERS_A_ROUND = 10


@dataclass(slots=True)
class _Round:
    """When an instrument is tried next."""

    next_at: float


class SquareOffs:
    """Cancels what rests for INTRADAY, closes what is open, and tries again until it is flat."""

    def __init__(self, clock: Clock, floor: Floor, account: Account, exchange: Exchange, moved: Moved) -> None:
        self._clock, self._floor, self._account, self._exchange = clock, floor, account, exchange
        self._moved = moved
        self._rounds: dict[str, _Round] = {}

    def earliest(self) -> float:
        """Before when nothing is due today."""
        rules = (self._floor.square_off(symbol) for symbol in self._floor.hours)
        return min((rule.at.timestamp() for rule in rules if rule is not None), default=float("inf"))

    def is_due(self) -> bool:
        """Whether an instrument's time has come, or comes again."""
        return any(self._time(symbol) is not None for symbol in self._concerned())

    def run(self) -> None:
        """One round for every instrument that is due."""
        for symbol in self._concerned():
            rule = self._time(symbol)
            if rule is not None:
                self._rounds[symbol] = _Round(self._clock.now + RETRY_AFTER)
                self._close_all(symbol, rule)

    def _concerned(self) -> list[str]:
        """Instruments with an intraday position or order."""
        positions = (key[0] for key, _ in self._account.open_positions() if key[1] is Product.INTRADAY)
        orders = (order.symbol for order in self._exchange.book.live.values() if order.product is Product.INTRADAY)
        return list(dict.fromkeys((*positions, *orders)))

    def _time(self, symbol: str) -> SquareOff | None:
        rule = self._floor.square_off(symbol)
        if rule is None or self._clock.now < rule.at.timestamp():
            return None
        round_ = self._rounds.get(symbol)
        is_today = round_ is not None and round_.next_at - RETRY_AFTER >= rule.at.timestamp()
        if is_today and round_ is not None and self._clock.now < round_.next_at:
            return None
        return rule if self._floor.session(symbol).is_open else None

    def _close_all(self, symbol: str, rule: SquareOff) -> None:
        for order in list(self._exchange.book.live.values()):
            if order.symbol == symbol and order.product is Product.INTRADAY and not order.is_queued:
                self._exchange.withdraw(order, "square_off")
        for key, _ in self._account.open_positions():
            if key[0] == symbol and key[1] is Product.INTRADAY:
                self._close(key, rule)

    def _close(self, key: PositionKey, rule: SquareOff) -> None:
        contract = self._floor.market(key[0]).listing.contract
        for _ in range(MOST_ORDERS_A_ROUND):
            held = self._account.state(key).quantity
            if not held:
                return
            units = min(abs(held), contract.freeze_quantity or abs(held))
            wish = OrderWish(
                symbol=key[0],
                side=Side.SELL if held > 0 else Side.BUY,
                quantity=units,
                order_type=OrderType.MARKET,
                product=key[1],
                tag=SQUARE_OFF,
            )
            order = self._exchange.submit(key[2], wish, Origin.SYSTEM)
            self._charge(order, key, rule)
            if order.filled_quantity < units:
                return

    def _charge(self, order: SimOrder, key: PositionKey, rule: SquareOff) -> None:
        """The fee for one closing order that traded, with GST."""
        if not order.filled_quantity or not rule.fee:
            return
        rates = self._floor.tariff(key[0], key[1]).rates
        if rates is None:
            return
        paise = to_paise(rule.fee) + to_paise(rule.fee * rates.gst_rate)
        facts = EventFacts(kind=PositionEventKind.SQUARE_OFF_FEE, day=self._clock.day, charges_paise=paise)
        self._account.event(key, facts, self._floor.market(key[0]).listing, self._clock.now)
        row = EventRow(
            facts.kind.value, key[2], key[0], self._clock.at, 0, 0, paise, 0, "Fee for a square-off order"
        )
        self._moved(row, 0)
