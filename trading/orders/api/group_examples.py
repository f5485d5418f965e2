"""What the schema shows for groups of orders, targets, conversions and kept baskets."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from trading.orders.api.order_examples import ACCOUNT_ID, CHARGES, ORDER_VALUE, PREVIEW_VALUE

_GROUP_ID = "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d70"
_POSITION_ID = "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d80"
_GROUPED = {**ORDER_VALUE, "group": _GROUP_ID, "leg": 1}
_TERMS = {"order_type": "MARKET", "product": "INTRADAY"}

BASKET_REQUEST = OpenApiExample(
    "Buy one, sell the other, both or none",
    request_only=True,
    value={
        "account": ACCOUNT_ID,
        "name": "Pair",
        "all_or_nothing": True,
        "client_order_id": "pair-2026-11-20",
        "legs": [
            {"symbol": "NSE:RELIANCE", "side": "BUY", "quantity": 10, **_TERMS},
            {"symbol": "NSE:TCS", "side": "SELL", "quantity": 5, **_TERMS},
        ],
    },
)
MULTI_LEG_REQUEST = OpenApiExample(
    "Iron condor by offset",
    request_only=True,
    value={
        "account": ACCOUNT_ID,
        "underlying": "NIFTY",
        "expiry": "current_week",
        "legs": [
            {"side": "BUY", "lots": 1, "option_type": "CE", "offset": "OTM4"},
            {"side": "SELL", "lots": 1, "option_type": "CE", "offset": "OTM2"},
            {"side": "SELL", "lots": 1, "option_type": "PE", "offset": "OTM2"},
            {"side": "BUY", "lots": 1, "option_type": "PE", "offset": "OTM4"},
        ],
    },
)
OPTION_REQUEST = OpenApiExample(
    "One lot of the call at the money",
    request_only=True,
    value={
        "account": ACCOUNT_ID,
        "underlying": "NIFTY",
        "expiry": "2026-11-24",
        "option_type": "CE",
        "offset": "ATM",
        "side": "BUY",
        "lots": 1,
    },
)
GROUP = OpenApiExample(
    "Group",
    response_only=True,
    value={
        "id": _GROUP_ID,
        "client_order_id": "pair-2026-11-20",
        "account": ACCOUNT_ID,
        "kind": "BASKET",
        "name": "Pair",
        "status": "PARTIAL",
        "all_or_nothing": False,
        "legs": [
            {
                "leg": 1,
                "symbol": "NSE:RELIANCE",
                "side": "BUY",
                "quantity": 10,
                "filled_quantity": 10,
                "status": "FILLED",
                "status_reason": None,
                "found": None,
                "orders": [_GROUPED],
            },
            {
                "leg": 2,
                "symbol": "NSE:TCS",
                "side": "SELL",
                "quantity": 5,
                "filled_quantity": 0,
                "status": "REFUSED",
                "status_reason": {
                    "code": "price_off_tick",
                    "message": "The price must be a multiple of the tick of 0.05.",
                },
                "found": None,
                "orders": [],
            },
        ],
        "created_by": "trader@alpha.demo",
        "created_at": "2026-11-20T05:04:03.120000+00:00",
    },
)
SLICED_ORDER = OpenApiExample("Order", response_only=True, value={**_GROUPED, "slices": [_GROUPED]})
GROUP_PREVIEW = OpenApiExample(
    "Preview of the whole",
    response_only=True,
    value={
        "margin": "48210.00",
        "margin_alone": "196540.00",
        "margin_benefit": "148330.00",
        "charges": CHARGES,
        "risk": {"allowed": True, "code": "ok", "message": "The funds suffice for all legs."},
        "legs": [
            {
                "leg": 1,
                "symbol": "NFO:NIFTY26NOV24500CE",
                "side": "BUY",
                "quantity": 65,
                "slices": 1,
                "allowed": True,
                "status_reason": None,
                "preview": PREVIEW_VALUE,
            }
        ],
    },
)
TARGET_REQUEST = OpenApiExample(
    "From wherever it is to 50 short",
    request_only=True,
    value={
        "account": ACCOUNT_ID,
        "symbol": "NSE:RELIANCE",
        "product": "INTRADAY",
        "strategy": "trend",
        "target_quantity": -50,
        "cancel_opposite": True,
        "client_order_id": "trend-20261120-1",
    },
)
TARGET = OpenApiExample(
    "Flipped",
    response_only=True,
    value={
        "group": _GROUP_ID,
        "target_quantity": -50,
        "position_quantity": 100,
        "buying_quantity": 0,
        "selling_quantity": 0,
        "expected_quantity": 100,
        "opposite_orders": [],
        "cancelled_orders": [],
        "message": "SELL 150 NSE:RELIANCE: filled.",
        "order": {**_GROUPED, "side": "SELL", "quantity": 150, "filled_quantity": 150},
        "slices": [{**_GROUPED, "side": "SELL", "quantity": 150, "filled_quantity": 150}],
    },
)
CLOSE_REQUEST = OpenApiExample("A part, at a limit", request_only=True, value={"quantity": 5, "price": "1520.00"})
CLOSE_ALL_REQUEST = OpenApiExample(
    "One strategy", request_only=True, value={"account": ACCOUNT_ID, "strategy": "trend"}
)
CLOSE_ALL = OpenApiExample(
    "Closed",
    response_only=True,
    value={
        "positions": [
            {
                "position": _POSITION_ID,
                "symbol": "NSE:RELIANCE",
                "quantity": -10,
                "order": {**ORDER_VALUE, "group": None, "leg": None},
                "status_reason": None,
            }
        ]
    },
)
CONVERT_REQUEST = OpenApiExample("Take delivery", request_only=True, value={"product": "DELIVERY", "quantity": 10})
CONVERSION = OpenApiExample(
    "Converted",
    response_only=True,
    value={
        "position": _POSITION_ID,
        "quantity": 0,
        "converted_to": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d81",
        "product": "DELIVERY",
        "converted_quantity": 10,
    },
)
_KEPT: dict[str, Any] = {
    "name": "Banks",
    "rows": [
        {
            "symbol": "NSE:HDFCBANK",
            "side": "BUY",
            "quantity": 20,
            "order_type": "LIMIT",
            "product": "DELIVERY",
            "price": "985.00",
            "trigger_price": None,
            "validity": "DAY",
        }
    ],
}
KEPT_BASKET_REQUEST = OpenApiExample("Keep", request_only=True, value=_KEPT)
KEPT_BASKET = OpenApiExample(
    "Kept",
    response_only=True,
    value={
        **_KEPT,
        "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d90",
        "updated_at": "2026-11-20T05:04:03.120000+00:00",
    },
)
