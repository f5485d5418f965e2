"""The generic dialect on the wire: bodies, pages, and which answers to an order call are final."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from trading.brokers.domain.book import BookEntry, BookStatus, BrokerPosition, BrokerTrade
from trading.brokers.domain.messages import BrokerOrder
from trading.brokers.domain.terms import OrderType, Product, Side, Validity

# The refusals that are known to be final: the broker looked at the instruction and did not take it. Any other code,
# status or body leaves the outcome open, however much it looks like a refusal.
FINAL_REFUSALS = frozenset(
    {
        "invalid_order",
        "unknown_instrument",
        "insufficient_margin",
        "price_out_of_band",
        "market_closed",
        "order_not_found",
        "order_final",
    }
)


class Answer(msgspec.Struct, frozen=True):
    """What the broker answers to an order call."""

    status: str
    order_id: str = ""
    order_status: str = ""
    code: str = ""
    message: str = ""
    at: datetime | None = None

    @property
    def when(self) -> datetime:
        """When the broker says it was, or now."""
        return self.at or datetime.now(UTC)


class WireOrder(msgspec.Struct, frozen=True):
    """A row of the order book."""

    order_id: str
    tag: str
    symbol: str
    side: Side
    quantity: int
    filled_quantity: int
    order_type: OrderType
    product: Product
    validity: Validity
    price: str | None
    trigger_price: str | None
    status: BookStatus
    message: str
    placed_at: datetime
    updated_at: datetime


class WireTrade(msgspec.Struct, frozen=True):
    """A row of the trade book."""

    trade_id: str
    order_id: str
    quantity: int
    price: str
    traded_at: datetime


class WirePosition(msgspec.Struct, frozen=True):
    """A row of the position book."""

    symbol: str
    product: Product
    quantity: int


class BookPage(msgspec.Struct, frozen=True):
    """One page; `total` counts the rows of all pages."""

    page: int
    pages: int
    total: int
    items: list[WireOrder]


class TradePage(msgspec.Struct, frozen=True):
    """One page of trades."""

    page: int
    pages: int
    total: int
    items: list[WireTrade]


class PositionPage(msgspec.Struct, frozen=True):
    """One page of positions."""

    page: int
    pages: int
    total: int
    items: list[WirePosition]


def final_answer(status: int, raw: bytes) -> Answer | None:
    """The answer, when it is one that settles the matter; None when it is not known to be final."""
    try:
        answer = msgspec.json.decode(raw, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if status == 200 and answer.status == "taken" and answer.order_id and _aware(answer.at):
        return answer
    if status == 400 and answer.status == "refused" and answer.code in FINAL_REFUSALS:
        return answer
    return None


def order_body(order: BrokerOrder) -> dict[str, Any]:
    """A new order as the dialect wants it."""
    return {
        "tag": order.tag,
        "symbol": order.key,
        "side": order.side.value,
        "product": order.product.value,
        "validity": order.validity.value,
        **terms_body(order),
    }


def terms_body(order: BrokerOrder) -> dict[str, Any]:
    """What a modification may replace."""
    return {
        "quantity": order.quantity,
        "order_type": order.order_type.value,
        "price": _text(order.price),
        "trigger_price": _text(order.trigger_price),
    }


def book_entry(row: WireOrder) -> BookEntry:
    """The row in this house's words. Raises ValueError for what cannot be."""
    if not row.order_id or row.quantity <= 0 or not 0 <= row.filled_quantity <= row.quantity:
        raise ValueError(f"order {row.order_id!r} is not plausible")
    return BookEntry(
        broker_order_id=row.order_id,
        tag=row.tag,
        key=row.symbol,
        side=row.side,
        quantity=row.quantity,
        filled_quantity=row.filled_quantity,
        order_type=row.order_type,
        product=row.product,
        validity=row.validity,
        price=_price(row.price),
        trigger_price=_price(row.trigger_price),
        status=row.status,
        message=row.message,
        placed_at=_when(row.placed_at),
        updated_at=_when(row.updated_at),
    )


def trade(row: WireTrade) -> BrokerTrade:
    """The row in this house's words. Raises ValueError for what cannot be."""
    price = _price(row.price)
    if not row.trade_id or not row.order_id or row.quantity <= 0 or price is None:
        raise ValueError(f"trade {row.trade_id!r} is not plausible")
    return BrokerTrade(row.trade_id, row.order_id, row.quantity, price, _when(row.traded_at))


def position(row: WirePosition) -> BrokerPosition:
    """The row in this house's words."""
    return BrokerPosition(row.symbol, row.product, row.quantity)


def _text(price: Decimal | None) -> str | None:
    return None if price is None else format(price, "f")


def _price(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        price = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"{text!r} is no price") from error
    if not price.is_finite() or price <= 0:
        raise ValueError(f"{text!r} is no price")
    return price


def _aware(moment: datetime | None) -> bool:
    return moment is not None and moment.tzinfo is not None


def _when(moment: datetime) -> datetime:
    if not _aware(moment):
        raise ValueError("a time without a zone")
    return moment
