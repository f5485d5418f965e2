"""Writes to orders. `order_submit` is the only door through which an order comes in."""

from trading.orders.domain.modification import OrderModification
from trading.orders.services.groups.baskets import KeptRow, basket_delete, basket_save
from trading.orders.services.groups.option_contracts import FoundOption, option_contract
from trading.orders.services.groups.place import group_cancel, group_submit, order_submit_sliced
from trading.orders.services.groups.preview import GroupPreview, group_preview, group_preview_shape
from trading.orders.services.groups.target import target_submit
from trading.orders.services.order.after_market import orders_release
from trading.orders.services.order.cancel import order_cancel, orders_expire
from trading.orders.services.order.cancel_all import (
    CancelReport,
    orders_cancel_all,
    orders_cancel_each,
    orders_live,
)
from trading.orders.services.order.modify import order_modify
from trading.orders.services.order.preview import (
    Impact,
    OrderPreview,
    decision_shape,
    modification_preview,
    order_preview,
    preview_shape,
)
from trading.orders.services.order.submit import order_submit
from trading.orders.services.paper.matching import order_match
from trading.orders.services.positions.close import (
    CloseReport,
    CloseTerms,
    position_close,
    positions_close_all,
    positions_open,
)
from trading.orders.services.positions.convert import conversion_submit

__all__ = [
    "CancelReport",
    "CloseReport",
    "CloseTerms",
    "FoundOption",
    "GroupPreview",
    "Impact",
    "KeptRow",
    "OrderModification",
    "OrderPreview",
    "basket_delete",
    "basket_save",
    "conversion_submit",
    "decision_shape",
    "group_cancel",
    "group_preview",
    "group_preview_shape",
    "group_submit",
    "modification_preview",
    "option_contract",
    "order_cancel",
    "order_match",
    "order_modify",
    "order_preview",
    "order_submit",
    "order_submit_sliced",
    "orders_cancel_all",
    "orders_cancel_each",
    "orders_expire",
    "orders_live",
    "orders_release",
    "position_close",
    "positions_close_all",
    "positions_open",
    "preview_shape",
    "target_submit",
]
