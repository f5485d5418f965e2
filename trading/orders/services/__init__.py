"""Writes to orders. `order_submit` is the only door through which an order comes in."""

from trading.orders.domain.modification import OrderModification

from .after_market import orders_release
from .cancel import order_cancel, orders_cancel_all, orders_expire
from .close import position_close
from .matching import order_match
from .modify import order_modify
from .preview import Impact, OrderPreview, decision_shape, order_preview, preview_shape
from .submit import order_submit

__all__ = [
    "Impact",
    "OrderModification",
    "OrderPreview",
    "decision_shape",
    "order_cancel",
    "order_match",
    "order_modify",
    "order_preview",
    "order_submit",
    "orders_cancel_all",
    "orders_expire",
    "orders_release",
    "position_close",
    "preview_shape",
]
