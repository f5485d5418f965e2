"""What a trader asks for, before anything is decided about it."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from trading.brokers.domain.terms import OrderType, Product, Side, Validity

MAX_QUANTITY = 10_000_000
MAX_PRICE = Decimal(10_000_000)
MAX_TEXT = 64


class Origin(StrEnum):
    """How an order came in."""

    MANUAL = "MANUAL"
    API = "API"
    STRATEGY = "STRATEGY"
    WEBHOOK = "WEBHOOK"
    TRIGGER = "TRIGGER"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """`key` is the instrument's canonical key ("NSE:RELIANCE"); prices in rupees.

    `client_order_id` names the intent within the account: the same one always means the same order.
    `after_market` asks for the next session, while the market is closed.
    """

    account_id: UUID
    key: str
    side: Side
    quantity: int
    order_type: OrderType
    product: Product
    client_order_id: str
    validity: Validity = Validity.DAY
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    disclosed_quantity: int = 0
    origin: Origin = Origin.MANUAL
    strategy: str = ""
    tag: str = ""
    after_market: bool = False


def request_hash(intent: OrderIntent) -> str:
    """SHA-256 over what was asked for, so that a reused `client_order_id` with another body is noticed.

    Prices are compared by value ("100" equals "100.00"); `origin` is how the order came in, not what it is.
    """
    asked = [
        str(intent.account_id),
        intent.key,
        intent.side,
        intent.quantity,
        intent.order_type,
        intent.product,
        intent.validity,
        _canonical(intent.price),
        _canonical(intent.trigger_price),
        intent.disclosed_quantity,
        intent.strategy,
        intent.tag,
        # Only when asked for, so that requests from before it existed keep their hash.
        *(["after_market"] if intent.after_market else []),
    ]
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def _canonical(price: Decimal | None) -> str | None:
    return None if price is None else format(price.normalize(), "f")


def shape_errors(intent: OrderIntent) -> dict[str, list[tuple[str, str]]]:
    """What is wrong with the intent on its face, per field: (code, message). Empty when it is well formed."""
    errors: dict[str, list[tuple[str, str]]] = {}
    if not 0 < intent.quantity <= MAX_QUANTITY:
        errors["quantity"] = [("invalid_quantity", f"must be between 1 and {MAX_QUANTITY}")]
    if intent.order_type not in (OrderType.MARKET, OrderType.LIMIT):
        errors["order_type"] = [("unsupported_order_type", "only MARKET and LIMIT are traded")]
    if intent.order_type is OrderType.LIMIT and intent.price is None:
        errors["price"] = [("price_required", "a LIMIT order needs a price")]
    elif intent.order_type is OrderType.MARKET and intent.price is not None:
        errors["price"] = [("price_not_allowed", "a MARKET order takes no price")]
    elif intent.price is not None and not _is_price(intent.price):
        errors["price"] = [("invalid_price", f"must be above 0 and at most {MAX_PRICE}")]
    if intent.trigger_price is not None:
        errors["trigger_price"] = [("trigger_price_not_allowed", "only stop orders take a trigger price")]
    if not 0 <= intent.disclosed_quantity <= max(intent.quantity, 0):
        errors["disclosed_quantity"] = [("invalid_disclosed_quantity", "must be between 0 and the quantity")]
    if not intent.client_order_id.strip() or not _is_text(intent.client_order_id):
        message = f"must have 1 to {MAX_TEXT} printable characters"
        errors["client_order_id"] = [("invalid_client_order_id", message)]
    for name, text in (("strategy", intent.strategy), ("tag", intent.tag)):
        if not _is_text(text):
            errors[name] = [(f"invalid_{name}", f"must have at most {MAX_TEXT} printable characters")]
    return errors


def _is_text(text: str) -> bool:
    return len(text) <= MAX_TEXT and text.isprintable()


def _is_price(price: Decimal) -> bool:
    return price.is_finite() and 0 < price <= MAX_PRICE
