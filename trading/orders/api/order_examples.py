"""What the schema shows for orders and trades."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

ACCOUNT_ID = "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10"
_ORDER_ID = "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5e"

ORDER_VALUE: dict[str, Any] = {
    "id": _ORDER_ID,
    "client_order_id": "entry-2026-11-20-1",
    "account": ACCOUNT_ID,
    "symbol": "NSE:RELIANCE",
    "side": "BUY",
    "quantity": 10,
    "filled_quantity": 10,
    "pending_quantity": 0,
    "average_price": "1515.20",
    "order_type": "MARKET",
    "product": "INTRADAY",
    "validity": "DAY",
    "price": None,
    "trigger_price": None,
    "decision_price": "1515.15",
    "disclosed_quantity": 0,
    "after_market": False,
    "valid_on": "2026-11-20",
    "triggered_at": None,
    "status": "FILLED",
    "status_reason": None,
    "origin": "API",
    "strategy": "",
    "tag": "",
    "foreign": False,
    "group": None,
    "leg": None,
    "broker_order_id": "PAPER-01934c1e7d3a7b7e8f536a1f2b3c4d5e",
    "charges": "6.40",
    "created_at": "2026-11-20T05:04:03.120000+00:00",
    "updated_at": "2026-11-20T05:04:03.120000+00:00",
}
_REFUSAL = {"code": "insufficient_funds", "message": "The order needs ₹15,159.12, the account has ₹5,000.00."}

ORDER_REQUESTS = [
    OpenApiExample(
        "Buy at market",
        request_only=True,
        value={
            "account": ACCOUNT_ID,
            "symbol": "NSE:RELIANCE",
            "side": "BUY",
            "quantity": 10,
            "order_type": "MARKET",
            "product": "INTRADAY",
        },
    ),
    OpenApiExample(
        "Sell at a limit or not at all",
        request_only=True,
        value={
            "account": ACCOUNT_ID,
            "symbol": "NSE:RELIANCE",
            "side": "SELL",
            "quantity": 10,
            "order_type": "LIMIT",
            "price": "1520.00",
            "product": "DELIVERY",
            "validity": "IOC",
            "client_order_id": "exit-2026-11-20-1",
        },
    ),
]
ORDER_REQUESTS += [
    OpenApiExample(
        "Stop loss with a limit",
        request_only=True,
        value={
            "account": ACCOUNT_ID,
            "symbol": "NSE:RELIANCE",
            "side": "SELL",
            "quantity": 10,
            "order_type": "SL",
            "trigger_price": "1495.00",
            "price": "1494.00",
            "product": "INTRADAY",
        },
    ),
    OpenApiExample(
        "For the next session, with a part shown",
        request_only=True,
        value={
            "account": ACCOUNT_ID,
            "symbol": "NSE:RELIANCE",
            "side": "BUY",
            "quantity": 100,
            "disclosed_quantity": 10,
            "order_type": "LIMIT",
            "price": "1500.00",
            "product": "MTF",
            "after_market": True,
        },
    ),
]
ORDER = OpenApiExample("Order", response_only=True, value=ORDER_VALUE)
REFUSED_ORDER = OpenApiExample(
    "Refused by a gate",
    response_only=True,
    value={
        **ORDER_VALUE,
        "status": "REJECTED",
        "status_reason": _REFUSAL,
        "filled_quantity": 0,
        "average_price": None,
        "charges": "0.00",
        "broker_order_id": "",
    },
)
MODIFICATIONS = [
    OpenApiExample("New limit", request_only=True, value={"price": "1518.00", "quantity": 20}),
    OpenApiExample("Move a stop", request_only=True, value={"trigger_price": "1496.00", "price": "1495.00"}),
    OpenApiExample("Take the market's price", request_only=True, value={"order_type": "MARKET"}),
]
CANCEL_ALL_REQUEST = OpenApiExample("One account", request_only=True, value={"account": ACCOUNT_ID})
CANCEL_ALL = OpenApiExample(
    "Cancelled", response_only=True, value={"cancelled": [{**ORDER_VALUE, "status": "CANCELLED"}], "refused": []}
)
EVENT = OpenApiExample(
    "Traded",
    response_only=True,
    value={
        "seq": 4,
        "type": "TRADED",
        "status": "FILLED",
        "at": "2026-11-20T05:04:03.120000+00:00",
        "actor": "trader@alpha.demo",
        "data": {"quantity": 10, "price": "1515.20", "traded_at": "2026-11-20T05:04:03+00:00"},
    },
)
CHARGES = {
    "total": "6.40",
    "brokerage": "4.55",
    "stt": "0.00",
    "exchange": "0.47",
    "sebi": "0.02",
    "stamp": "0.45",
    "gst": "0.91",
}
TRADE = OpenApiExample(
    "Trade",
    response_only=True,
    value={
        "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d60",
        "order": _ORDER_ID,
        "account": ACCOUNT_ID,
        "symbol": "NSE:RELIANCE",
        "side": "BUY",
        "quantity": 10,
        "price": "1515.20",
        "charges": CHARGES,
        "traded_at": "2026-11-20T05:04:03+00:00",
    },
)
PREVIEW_VALUE: dict[str, Any] = {
    "margin": "3121.31",
    "margin_detail": {
        "span": "3121.31",
        "exposure": "0.00",
        "calendar": "0.00",
        "premium": "0.00",
        "benefit": "0.00",
        "total": "3121.31",
        "portfolio_before": "0.00",
        "portfolio_after": "0.00",
    },
    "charges": CHARGES,
    "risk": {
        "allowed": True,
        "decisions": [
            {
                "gate": "session",
                "allowed": True,
                "code": "ok",
                "message": "The market is open.",
                "limit": None,
                "used": None,
            }
        ],
    },
    "impact": {
        "quantity": 10,
        "expected_price": "1515.20",
        "slippage": "0.00",
        "slippage_bps": "0.00",
        "cost_bps": "0.33",
        "worst_price": "1515.20",
        "beyond_quantity": 0,
        "book": "TWO_SIDED",
    },
    "position_after": 10,
    "valid_on": "2026-11-20",
}
PREVIEW = OpenApiExample("Preview", response_only=True, value=PREVIEW_VALUE)
