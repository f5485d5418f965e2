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
# The book shows at least this part of an order.
DISCLOSED_PARTS = 10
_A = {
    OrderType.MARKET: "a MARKET",
    OrderType.LIMIT: "a LIMIT",
    OrderType.SL: "an SL",
    OrderType.SL_M: "an SL_M",
}


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
    `after_market` asks for the next session, while the market is closed. `decision_price` is the last price that
    whoever decided on the order knew, where that was earlier than now.
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
    decision_price: Decimal | None = None


def decided_at(intent: OrderIntent, ltp: Decimal | None) -> Decimal | None:
    """The price (rupees a unit) at which an order was decided, which its execution is measured against.

    Of a stop its trigger, for it is the market's coming there that decides; else what the decider saw; else the
    last price now. None where none of them is known.
    """
    for price in (intent.trigger_price, intent.decision_price, ltp):
        if price is not None and price > 0:
            return price
    return None


def request_hash(intent: OrderIntent) -> str:
    """SHA-256 over what was asked for, so that a reused `client_order_id` with another body is noticed.

    Prices are compared by value ("100" equals "100.00"); `origin` and `decision_price` are how the order came in,
    not what it is.
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
    errors |= _price_errors(intent) | _trigger_errors(intent) | _disclosure_errors(intent)
    if intent.after_market and intent.validity is Validity.IOC:
        message = "an order for the next session stands for the day"
        errors["validity"] = [("validity_not_allowed", message)]
    if not intent.client_order_id.strip() or not _is_text(intent.client_order_id):
        message = f"must have 1 to {MAX_TEXT} printable characters"
        errors["client_order_id"] = [("invalid_client_order_id", message)]
    for name, text in (("strategy", intent.strategy), ("tag", intent.tag)):
        if not _is_text(text):
            errors[name] = [(f"invalid_{name}", f"must have at most {MAX_TEXT} printable characters")]
    return errors


def _price_errors(intent: OrderIntent) -> dict[str, list[tuple[str, str]]]:
    kind, price = intent.order_type, intent.price
    if kind.has_limit and price is None:
        return {"price": [("price_required", f"{_A[kind]} order needs a price")]}
    if not kind.has_limit and price is not None:
        return {"price": [("price_not_allowed", f"{_A[kind]} order takes no price")]}
    if price is not None and not _is_price(price):
        return {"price": [("invalid_price", f"must be above 0 and at most {MAX_PRICE}")]}
    return {}


def _trigger_errors(intent: OrderIntent) -> dict[str, list[tuple[str, str]]]:
    kind, trigger, limit = intent.order_type, intent.trigger_price, intent.price
    if trigger is None:
        missing = {"trigger_price": [("trigger_price_required", f"{_A[kind]} order needs a trigger price")]}
        return missing if kind.is_stop else {}
    if not kind.is_stop:
        return {"trigger_price": [("trigger_price_not_allowed", "only stop orders take a trigger price")]}
    if not _is_price(trigger):
        return {"trigger_price": [("invalid_trigger_price", f"must be above 0 and at most {MAX_PRICE}")]}
    if kind is OrderType.SL and limit is not None and _is_price(limit) and (limit - trigger) * intent.side.sign < 0:
        side = "at or above" if intent.side is Side.BUY else "at or below"
        message = f"the limit of a {intent.side} stop lies {side} its trigger price"
        return {"price": [("stop_price_inverted", message)]}
    return {}


def _disclosure_errors(intent: OrderIntent) -> dict[str, list[tuple[str, str]]]:
    """NSE's rule: a tenth of the order at least is shown, and an IOC order, which never rests, is shown whole."""
    shown = intent.disclosed_quantity
    if shown == 0:
        return {}
    if not 0 < shown <= max(intent.quantity, 0):
        message = "must be between 0 and the quantity"
    elif shown * DISCLOSED_PARTS < intent.quantity:
        message = f"must be at least a tenth of the quantity, {-(-intent.quantity // DISCLOSED_PARTS)}"
    elif intent.validity is Validity.IOC:
        message = "an IOC order is shown whole"
    else:
        return {}
    return {"disclosed_quantity": [("invalid_disclosed_quantity", message)]}


def _is_text(text: str) -> bool:
    return len(text) <= MAX_TEXT and text.isprintable()


def _is_price(price: Decimal) -> bool:
    return price.is_finite() and 0 < price <= MAX_PRICE
