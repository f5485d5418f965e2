"""What the schema shows for triggers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_ACCOUNT = "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10"

_LEG: dict[str, Any] = {
    "role": "STOP",
    "direction": "BELOW",
    "trigger_price": "1480.00",
    "order_type": "MARKET",
    "price": None,
    "trail_points": None,
    "trail_percent": None,
    "peak_price": None,
    "status": "ARMED",
    "attempts": 0,
    "next_attempt_at": None,
}
_TRIGGER: dict[str, Any] = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d70",
    "client_order_id": "guard-2026-11-20-1",
    "account": _ACCOUNT,
    "symbol": "NSE:RELIANCE",
    "kind": "OCO",
    "side": "SELL",
    "exit_side": "SELL",
    "quantity": 10,
    "entry_quantity": 0,
    "filled_quantity": 0,
    "remaining_quantity": 10,
    "product": "DELIVERY",
    "strategy": "",
    "protects": True,
    "expires_on": "2027-11-20",
    "note": "",
    "origin": "API",
    "status": "ACTIVE",
    "status_reason": None,
    "alarm_since": None,
    "legs": [
        {**_LEG, "role": "TARGET", "direction": "ABOVE", "trigger_price": "1600.00", "order_type": "LIMIT"}
        | {"price": "1600.00"},
        _LEG,
    ],
    "created_at": "2026-11-20T05:04:03.120000+00:00",
    "updated_at": "2026-11-20T05:04:03.120000+00:00",
}
_ASKED: dict[str, Any] = {
    "account": _ACCOUNT,
    "symbol": "NSE:RELIANCE",
    "side": "SELL",
    "quantity": 10,
    "product": "DELIVERY",
}


def _request(name: str, kind: str, *legs: dict[str, str], **changes: Any) -> OpenApiExample:
    return OpenApiExample(name, request_only=True, value={**_ASKED, "kind": kind, **changes, "legs": list(legs)})


_STOP = {"role": "STOP", "trigger_price": "1480.00"}
_TARGET = {"role": "TARGET", "trigger_price": "1600.00"}
_ENTRY = {"side": "BUY", "product": "INTRADAY"}
REQUESTS = [
    _request("Guard a position on both sides", "OCO", _STOP, _TARGET),
    _request("Wait for one price", "SINGLE", {"role": "SINGLE", "trigger_price": "1450.00"}, side="BUY"),
    _request("Follow the price by 2 per cent", "TRAILING", {"role": "STOP", "trail_percent": "2"}),
    _request(
        "Enter, with target and stop",
        "BRACKET",
        {"role": "ENTRY", "order_type": "LIMIT", "price": "1515.00"},
        _STOP,
        _TARGET,
        **_ENTRY,
    ),
    _request("Enter, with a compulsory stop", "COVER", {"role": "ENTRY"}, _STOP, **_ENTRY),
]
TRIGGER = OpenApiExample("Watched", response_only=True, value=_TRIGGER)
ALARM = OpenApiExample(
    "In alarm",
    response_only=True,
    value={
        **_TRIGGER,
        "status": "ALARM",
        "status_reason": {"code": "trading_halted", "message": "Trading is halted for this account."},
        "alarm_since": "2026-11-20T06:00:00+00:00",
        "legs": [
            _TRIGGER["legs"][0],
            {**_LEG, "status": "REFUSED", "attempts": 3, "next_attempt_at": "2026-11-20T06:00:36+00:00"},
        ],
    },
)
MODIFICATION = OpenApiExample(
    "Move the stop", request_only=True, value={"legs": [{"role": "STOP", "trigger_price": "1500.00"}]}
)
CANCEL_ALL_REQUEST = OpenApiExample("One account", request_only=True, value={"account": _ACCOUNT})
CANCEL_ALL = OpenApiExample(
    "Cancelled", response_only=True, value={"cancelled": [{**_TRIGGER, "status": "CANCELLED"}]}
)
EVENT = OpenApiExample(
    "Fired",
    response_only=True,
    value={
        "seq": 2,
        "type": "FIRED",
        "status": "ACTIVE",
        "at": "2026-11-20T05:04:03.120000+00:00",
        "actor": "trigger",
        "data": {"leg": "STOP", "attempt": 1, "quantity": 10, "order_type": "MARKET", "price": None},
    },
)
