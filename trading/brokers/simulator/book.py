"""A broker in memory: orders, fills, positions. It takes whatever it is told, twice if it is told twice.

Nothing is looked up by tag, because brokers in India do not either. Each change is an event, the state
their fold, so that a simulator that was killed comes back with its journal.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trading.brokers.domain.book import BookStatus

from .journal import Event, Journal

WORKING = frozenset({BookStatus.OPEN, BookStatus.TRIGGER_PENDING})
_IDENTITY = ("account", "order_id", "tag", "symbol", "side", "product", "validity")
STOPS = frozenset({"SL", "SL_M"})


class Refusal(Exception):
    """The broker does not take an instruction; `code` is on the dialect's list of final refusals."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class BookOrder:
    """One order of one account; `terms` are what a modification may replace."""

    account: str
    order_id: str
    tag: str
    symbol: str
    side: str
    product: str
    validity: str
    terms: dict[str, Any]
    placed_at: str
    visible_at: str
    status: BookStatus = BookStatus.OPEN
    message: str = ""
    filled: int = 0
    updated_at: str = ""

    @property
    def pending(self) -> int:
        return int(self.terms["quantity"]) - self.filled

    def row(self) -> dict[str, Any]:
        """The order as the dialect shows it."""
        return {
            "order_id": self.order_id,
            "tag": self.tag,
            "symbol": self.symbol,
            "side": self.side,
            "filled_quantity": self.filled,
            "product": self.product,
            "validity": self.validity,
            **self.terms,
            "status": self.status.value,
            "message": self.message,
            "placed_at": self.placed_at,
            "updated_at": self.updated_at,
        }


@dataclass(slots=True)
class _Account:
    orders: list[BookOrder] = field(default_factory=list)
    trades: list[dict[str, Any]] = field(default_factory=list)
    positions: dict[tuple[str, str], int] = field(default_factory=dict)
    pushes: list[dict[str, Any]] = field(default_factory=list)


class Book:
    """All accounts of the simulated broker. Not thread-safe: the server calls it under one lock.

    `pieces` lets an order fill in random parts instead of whole; `now` is for tests.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        seed: int = 0,
        pieces: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._journal = journal
        self._chance = random.Random(seed)
        self._pieces = pieces
        self._now = now
        self._accounts: dict[str, _Account] = {}
        self._orders: dict[str, BookOrder] = {}
        self._prices: dict[str, Decimal] = {}
        self._refusals: dict[str, str] = {}
        self._stamp = datetime.min.replace(tzinfo=UTC)
        for event in journal.events():
            self._fold(event)

    # --- instructions -------------------------------------------------------------------------------------------

    def place(self, account: str, body: dict[str, Any], *, hidden: float = 0.0, manual: bool = False) -> BookOrder:
        """Take a new order into the book and trade it where a price is known. `hidden` is seconds."""
        terms = _terms(body)
        if account in self._refusals and not manual:
            raise Refusal(self._refusals.pop(account), "The broker does not take this order.")
        at = self._at()
        order_id = f"SIM{len(self._orders) + 1:06}"
        self._write(
            {
                "event": "order",
                "account": account,
                "order_id": order_id,
                "manual": manual,
                **{name: body.get(name, "") for name in ("tag", "symbol", "side", "product", "validity")},
                "terms": terms,
                "at": at,
                "visible_at": (self._now() + timedelta(seconds=hidden)).isoformat(),
            }
        )
        order = self._orders[order_id]
        self._trade(order)
        if order.validity == "IOC" and order.status in WORKING:
            self._status(order, BookStatus.CANCELLED, "IOC remainder")
        return order

    def modify(self, account: str, order_id: str, body: dict[str, Any]) -> BookOrder:
        """Replace the terms of an order that rests."""
        order = self._working(account, order_id)
        terms = _terms(body)
        if terms["quantity"] < order.filled:
            raise Refusal("invalid_order", "More has traded than that.")
        self._write({"event": "terms", "order_id": order_id, "terms": terms, "at": self._at()})
        if order.pending == 0:
            self._status(order, BookStatus.FILLED, "")
        else:
            self._trade(order)
        return order

    def cancel(self, account: str, order_id: str) -> BookOrder:
        """Take what is left of an order out of the book."""
        order = self._working(account, order_id)
        self._status(order, BookStatus.CANCELLED, "Cancelled")
        return order

    # --- the market, and what happens at the broker without us ---------------------------------------------------

    def price(self, symbol: str, price: Decimal) -> int:
        """Let the symbol trade at this price; returns how many orders filled in part or whole."""
        self._prices[symbol] = price
        resting = [order for order in self._orders.values() if order.symbol == symbol and order.status in WORKING]
        return sum(self._trade(order) for order in resting)

    def last_price(self, symbol: str) -> Decimal:
        """Where the symbol last traded; 100 rupees before it ever did."""
        return self._prices.get(symbol, Decimal(100))

    def fill(self, order_id: str, quantity: int, price: Decimal) -> None:
        """Let an order trade so much at this price, whatever the market does."""
        order = self._orders[order_id]
        self._fill(order, min(quantity, order.pending), price)

    def end(self, order_id: str, status: BookStatus, message: str) -> None:
        """Reject or expire an order that rests."""
        self._status(self._orders[order_id], status, message)

    def refuse(self, account: str, code: str) -> None:
        """Refuse the account's next order, finally, with this code."""
        self._refusals[account] = code

    def shift(self, account: str, symbol: str, product: str, quantity: int) -> None:
        """Move a position without a trade, as a corporate action or a transfer would."""
        self._write(
            {"event": "shift", "account": account, "symbol": symbol, "product": product, "quantity": quantity}
        )

    # --- reads --------------------------------------------------------------------------------------------------

    def orders(self, account: str) -> list[dict[str, Any]]:
        """The order book, without what is hidden yet."""
        now = self._now().isoformat()
        return [order.row() for order in self._account(account).orders if order.visible_at <= now]

    def trades(self, account: str) -> list[dict[str, Any]]:
        """The trade book, without trades of orders that are hidden yet."""
        now = self._now().isoformat()
        trades = self._account(account).trades
        return [dict(trade) for trade in trades if self._orders[trade["order_id"]].visible_at <= now]

    def positions(self, account: str) -> list[dict[str, Any]]:
        """Signed quantities by symbol and product."""
        rows = self._account(account).positions.items()
        return [
            {"symbol": symbol, "product": product, "quantity": quantity} for (symbol, product), quantity in rows
        ]

    def journal(self) -> list[Event]:
        """All that has happened, oldest first."""
        return self._journal.events()

    def pushes(self, account: str, after: int) -> list[dict[str, Any]]:
        """What has been pushed to the account since."""
        return self._account(account).pushes[after:]

    # --- inside -------------------------------------------------------------------------------------------------

    def _working(self, account: str, order_id: str) -> BookOrder:
        order = self._orders.get(order_id)
        if order is None or order.account != account:
            raise Refusal("order_not_found", "There is no such order.")
        if order.status not in WORKING:
            raise Refusal("order_final", f"The order is {order.status.value.lower()} already.")
        return order

    def _trade(self, order: BookOrder) -> bool:
        market = self._prices.get(order.symbol)
        if market is None or order.status not in WORKING:
            return False
        if order.status is BookStatus.TRIGGER_PENDING:
            trigger = Decimal(order.terms["trigger_price"])
            if market < trigger if order.side == "BUY" else market > trigger:
                return False
            self._status(order, BookStatus.OPEN, "Triggered")
        limit = order.terms["price"]
        if limit is not None and (market > Decimal(limit) if order.side == "BUY" else market < Decimal(limit)):
            return False
        quantity = order.pending
        if self._pieces and quantity > 1 and order.validity != "IOC":
            quantity = self._chance.randint(1, quantity)
        self._fill(order, quantity, market)
        return True

    def _fill(self, order: BookOrder, quantity: int, price: Decimal) -> None:
        trade_id = f"T{len(self._journal) + 1:08}"
        self._write(
            {
                "event": "fill",
                "order_id": order.order_id,
                "trade_id": trade_id,
                "quantity": quantity,
                "price": format(price, "f"),
                "at": self._at(),
            }
        )

    def _status(self, order: BookOrder, status: BookStatus, message: str) -> None:
        self._write(
            {
                "event": "status",
                "order_id": order.order_id,
                "status": status.value,
                "message": message,
                "at": self._at(),
            }
        )

    def _at(self) -> str:
        """A time that is never given twice, so that a later state of an order can be told from an earlier one."""
        self._stamp = max(self._now(), self._stamp + timedelta(microseconds=1))
        return self._stamp.isoformat()

    def _write(self, event: Event) -> None:
        self._journal.append(event)
        self._fold(event)

    def _account(self, name: str) -> _Account:
        return self._accounts.setdefault(name, _Account())

    def _fold(self, event: Event) -> None:
        match event["event"]:
            case "order":
                self._fold_order(event)
            case "terms":
                self._orders[event["order_id"]].terms = event["terms"]
            case "status":
                order = self._orders[event["order_id"]]
                order.status, order.message = BookStatus(event["status"]), event["message"]
            case "fill":
                self._fold_fill(event)
            case "shift":
                self._move(event["account"], event["symbol"], event["product"], event["quantity"])
        if "order_id" in event:
            order = self._orders[event["order_id"]]
            order.updated_at = event["at"]
            self._account(order.account).pushes.append({"order": order.row()})

    def _fold_order(self, event: Event) -> None:
        waits = event["terms"]["order_type"] in STOPS
        order = BookOrder(
            **{name: event[name] for name in _IDENTITY},
            terms=event["terms"],
            placed_at=event["at"],
            visible_at=event["visible_at"],
            status=BookStatus.TRIGGER_PENDING if waits else BookStatus.OPEN,
        )
        self._orders[order.order_id] = order
        self._account(order.account).orders.append(order)

    def _fold_fill(self, event: Event) -> None:
        order = self._orders[event["order_id"]]
        order.filled += event["quantity"]
        if order.pending == 0:
            order.status, order.message = BookStatus.FILLED, ""
        trade = {name: event[name] for name in ("trade_id", "order_id", "quantity", "price")}
        trade["traded_at"] = event["at"]
        account = self._account(order.account)
        account.trades.append(trade)
        account.pushes.append({"trade": trade})
        self._move(order.account, order.symbol, order.product, event["quantity"] * _sign(order.side))

    def _move(self, account: str, symbol: str, product: str, quantity: int) -> None:
        positions = self._account(account).positions
        positions[(symbol, product)] = positions.get((symbol, product), 0) + quantity


def _sign(side: str) -> int:
    return 1 if side == "BUY" else -1


def _terms(body: dict[str, Any]) -> dict[str, Any]:
    quantity, order_type = body.get("quantity"), body.get("order_type")
    if not isinstance(quantity, int) or quantity <= 0 or order_type not in ("MARKET", "LIMIT", "SL", "SL_M"):
        raise Refusal("invalid_order", "The order is not well formed.")
    return {
        "quantity": quantity,
        "order_type": order_type,
        "price": body.get("price"),
        "trigger_price": body.get("trigger_price"),
    }
