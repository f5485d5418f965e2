"""What the schema shows for runs and signals."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_ACCOUNT = "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10"
_RUN_ID = "01a1fe2c-4b64-7a7c-972b-5f0af4553702"
_RUN: dict[str, Any] = {
    "id": _RUN_ID,
    "name": "Reliance cross",
    "strategy": "ma_cross",
    "account": _ACCOUNT,
    "parameters": {"fast": 9, "slow": 21},
    "symbols": ["NSE:RELIANCE"],
    "interval": "5m",
    "product": "INTRADAY",
    "capital": "200000.00",
    "mode": "AUTO",
    "signal_seconds": 120,
    "limits": {
        "max_loss": "10000.00",
        "max_loss_day": "3000.00",
        "max_orders_day": 20,
        "max_open_positions": 1,
        "approval_band": "1.00",
    },
    "schedule": {
        "weekdays": ["MON", "TUE", "WED", "THU", "FRI"],
        "start": "09:30",
        "stop": "15:00",
        "special_sessions": False,
        "flatten": True,
    },
    "state": "RUNNING",
    "state_reason": None,
    "driven": True,
    "heartbeat_at": "2026-11-23T04:35:02.120000+00:00",
    "net_pnl": "1480.55",
    "day_pnl": "-212.40",
    "open_positions": 1,
    "signals": 14,
    "created_by": "trader@alpha.demo",
    "created_at": "2026-11-20T05:04:03.120000+00:00",
    "started_at": "2026-11-20T05:05:00.000000+00:00",
}
_SIGNAL: dict[str, Any] = {
    "id": "01a1fe2c-4b64-7a7c-972b-5f0af4553811",
    "run": _RUN_ID,
    "strategy": "ma_cross",
    "run_name": "Reliance cross",
    "seq": 14,
    "batch": None,
    "account": _ACCOUNT,
    "symbol": "NSE:RELIANCE",
    "side": "BUY",
    "quantity": 80,
    "order_type": "MARKET",
    "product": "INTRADAY",
    "validity": "DAY",
    "price": None,
    "trigger_price": None,
    "stop": None,
    "target": None,
    "trail": None,
    "tag": "",
    "decision_price": "2450.05",
    "approve_from": "2425.55",
    "approve_to": "2474.55",
    "state": "WAITING",
    "state_reason": None,
    "order": None,
    "answered_by": "",
    "decided_at": "2026-11-23T04:35:03.500000+00:00",
    "expires_at": "2026-11-23T04:37:03.500000+00:00",
    "answered_at": None,
}
_ANSWERED = {
    "state": "ORDERED",
    "order": "01a1fe2c-4b64-7a7c-972b-5f0af4553900",
    "answered_by": "trader@alpha.demo",
    "answered_at": "2026-11-23T04:35:20.000000+00:00",
}
_ASKED = ("account", "name", "strategy", "parameters", "symbols", "interval", "product", "capital", "mode")

RUN = OpenApiExample("a run", response_only=True, value=_RUN)
SIGNAL = OpenApiExample("a signal that waits", response_only=True, value=_SIGNAL)
APPROVED = OpenApiExample("an approved signal", response_only=True, value={**_SIGNAL, **_ANSWERED})
DECLINED = OpenApiExample(
    "a declined signal",
    response_only=True,
    value={**_SIGNAL, **_ANSWERED, "state": "DECLINED", "order": None},
)
CREATE = OpenApiExample(
    "a new run",
    request_only=True,
    value={**{name: _RUN[name] for name in _ASKED}, "limits": _RUN["limits"], "schedule": _RUN["schedule"]},
)
CHANGE = OpenApiExample(
    "a lower loss of the day, and no limit of orders",
    request_only=True,
    value={"limits": {"max_loss_day": "2000.00", "max_orders_day": None}, "loosen": True},
)
STOP = OpenApiExample("and close what it holds", request_only=True, value={"flatten": True})
STOPPED = OpenApiExample("a stopped run", response_only=True, value={**_RUN, "state": "STOPPED", "driven": False})
NOTE = OpenApiExample(
    "a line",
    response_only=True,
    value={
        "seq": 3,
        "kind": "STATE",
        "message": "Running by trader@alpha.demo.",
        "at": "2026-11-20T05:05:00.000000+00:00",
    },
)
FLATTENED = OpenApiExample(
    "everything closed",
    response_only=True,
    value={
        "run": {**_RUN, "state": "PAUSED", "open_positions": 0},
        "closed": [
            {
                "symbol": "NSE:RELIANCE",
                "quantity": 80,
                "order": "01a1fe2c-4b64-7a7c-972b-5f0af4553901",
                "reason": None,
            }
        ],
    },
)
