"""Examples of a run beside a backtest."""

WAITING = {
    "run": "01a1fd00-0000-7000-8000-00000000000a",
    "backtest": "01a1fd00-0000-7000-8000-000000000001",
    "status": "RUNNING",
    "progress": 0.4,
    "message": "",
    "from": "2026-11-16",
    "to": "2026-11-20",
    "comparison": None,
    "trades": {"next": None, "previous": None, "count": 0, "results": []},
}
TRADE = {
    "verdict": "PRICE",
    "symbol": "NSE:RELIANCE",
    "side": "BUY",
    "at": "2026-11-16T10:35:04+05:30",
    "run": {
        "order": "01a1fd00-0000-7000-8000-0000000000b1",
        "at": "2026-11-16T10:35:04+05:30",
        "quantity": 40,
        "price": "2402.55",
        "charges": "28.10",
    },
    "backtest": {
        "order": "1",
        "at": "2026-11-16T10:35:00+05:30",
        "quantity": 40,
        "price": "2402.30",
        "charges": "28.09",
    },
    "delay_seconds": 4.0,
    "slippage": "10.00",
    "reason": "Decided at ₹2,402.35.",
}
COMPARED = WAITING | {
    "status": "DONE",
    "progress": 1.0,
    "comparison": {
        "since": "2026-11-16T10:02:00+05:30",
        "until": "2026-11-20T15:30:00+05:30",
        "run_trades": 1,
        "backtest_trades": 1,
        "left_out": 0,
        "agreement": 1.0,
        "counts": {"SAME": 0, "PRICE": 1, "QUANTITY": 0, "MISSED": 0, "EXTRA": 0},
        "slippage": "10.00",
        "charges": "0.01",
    },
    "trades": {"next": None, "previous": None, "count": 1, "results": [TRADE]},
}
