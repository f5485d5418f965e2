"""Examples for the schema."""

from drf_spectacular.utils import OpenApiExample

METRICS = {
    "returns": 0.1842,
    "cagr": 0.1861,
    "volatility": 0.142,
    "sharpe": 1.31,
    "sortino": 1.94,
    "calmar": 2.37,
    "omega": 1.29,
    "max_drawdown": -0.0786,
    "longest_drawdown_days": 61,
    "value_at_risk": -0.0131,
    "conditional_value_at_risk": -0.0188,
    "win_rate": 0.417,
    "profit_factor": 1.38,
    "payoff": 1.92,
    "expectancy": "447.09",
    "trades": 412,
    "orders": 824,
    "longest_wins": 7,
    "longest_losses": 9,
    "mean_held_seconds": 5_460.0,
    "exposure": 0.63,
    "turnover": 214.0,
    "best_trade": "21480.50",
    "worst_trade": "-9120.00",
    "total_pnl": "223112.00",
    "charges": "38912.00",
    "net_pnl": "184200.00",
    "final_equity": "1184200.00",
    "benchmark_return": 0.0433,
    "alpha": 0.11,
    "beta": 0.07,
    "correlation": 0.09,
    "bars": 93_000,
}
COSTS = [
    {"code": "brokerage_charge", "title": "Brokerage", "amount": "16480.00", "count": 824},
    {"code": "stt_charge", "title": "Securities transaction tax", "amount": "22416.66", "count": 824},
    {"code": "DP_CHARGE", "title": "Depository, with GST", "amount": "15.34", "count": 1},
]
ASKED = {
    "strategy": "ma_cross",
    "parameters": {"fast": 9, "slow": 21},
    "symbols": ["NSE:RELIANCE"],
    "interval": "5m",
    "from": "2022-01-03",
    "to": "2022-12-30",
    "capital": "1000000.00",
    "benchmark": "NSE:NIFTY",
}
OPTION_MODEL = {
    "by": "realised",
    "volatility": 0.15,
    "markup": 1.1,
    "sessions": 20,
    "index": "NSE:INDIAVIX",
    "skew": -0.055,
    "curvature": 0.037,
    "spread": 0.0025,
    "rate": 0.065,
    "in_session": 0.6,
    "uses_closes": True,
    "lots_a_minute": 1000,
}
ASKED_OPTIONS = {
    "strategy": "short_straddle",
    "symbols": ["NSE:NIFTY"],
    "interval": "5m",
    "from": "2022-01-03",
    "to": "2022-12-30",
    "option_model": {"by": "realised", "markup": 1.2, "spread": 0.005},
}
STRATEGY = {
    "strategy": "ma_cross",
    "title": "Moving-average cross",
    "version": None,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "parameters": {"fast": 9, "slow": 21},
    "symbols": ["NSE:RELIANCE"],
    "interval": "5m",
    "product": "INTRADAY",
}
RUN = {
    "id": "01a1fd00-0000-7000-8000-000000000001",
    "name": "Moving-average cross on RELIANCE 5m",
    **{name: value for name, value in STRATEGY.items() if name not in ("title", "version", "digest")},
    "strategies": [STRATEGY],
    "from": "2022-01-03",
    "to": "2022-12-30",
    "capital": "1000000.00",
    "base_interval": "1m",
    "plan": "paper",
    "charging": "RATES",
    "funds": "REAL",
    "slippage_model": None,
    "slippage_value": "0",
    "square_off": True,
    "seed": 0,
    "benchmark": "NSE:NIFTY",
    "option_model": None,
    "modelled_share": None,
    "status": "DONE",
    "progress": 1.0,
    "message": "",
    "code": None,
    "attempts": 0,
    "worker_seen_at": None,
    "requested_at": "2026-11-21T10:00:00Z",
    "started_at": "2026-11-21T10:00:00Z",
    "finished_at": "2026-11-21T10:00:04Z",
    "worked_ms": 3_912,
    "look_ahead": {"state": "CLEAN", "detail": "5 cuts"},
    "caveats": [],
    "note": "",
    "metrics": METRICS,
}
RUN_OF_OPTIONS = RUN | {
    "name": "Short straddle on NIFTY 5m",
    "strategy": "short_straddle",
    "parameters": {"lots": 1, "leg_stop": 30.0},
    "symbols": ["NSE:NIFTY"],
    "product": "NORMAL",
    "option_model": OPTION_MODEL | {"markup": 1.2, "spread": 0.005},
    "modelled_share": 1.0,
}
QUEUED = RUN | {
    "status": "QUEUED",
    "progress": 0.0,
    "started_at": None,
    "finished_at": None,
    "worked_ms": 0,
    "look_ahead": {"state": "NOT_ASKED", "detail": ""},
    "metrics": None,
}
TRADE = {
    "number": 1,
    "strategy": "",
    "symbol": "NSE:RELIANCE",
    "product": "INTRADAY",
    "side": "LONG",
    "quantity": 400,
    "entry_at": "2022-01-03T10:35:00+05:30",
    "exit_at": "2022-01-03T13:15:00+05:30",
    "entry_price": "2402.30",
    "exit_price": "2418.90",
    "charges": "94.20",
    "net_pnl": "6545.80",
    "return": 0.0068,
    "adverse_excursion": -0.0012,
    "favourable_excursion": 0.0081,
    "held_seconds": 9_600,
    "entry_tag": "",
    "exit_tag": "flip",
}


CELL = {
    "number": 4,
    "window": 0,
    "parameters": {"fast": 10, "slow": 50},
    "status": "DONE",
    "score": 1.31,
    "detail": "",
    "outsized_orders": 0,
    "metrics": METRICS,
}
SEARCH = {
    "method": "GRID",
    "objective": "SHARPE",
    "axes": {"fast": [5, 10, 15, 20], "slow": [30, 50, 100]},
    "cells": 12,
    "deflated_sharpe": 0.71,
    "expected_best_sharpe": 0.82,
    "warning": "The best of 12 combinations is not shown to be more than luck.",
}
SWEEP = RUN | {"search": SEARCH, "best": CELL}
WALK_FORWARD = RUN | {
    "search": SEARCH | {"deflated_sharpe": None, "expected_best_sharpe": None, "warning": None},
    "mode": "ROLLING",
    "in_sample_days": 60,
    "out_of_sample_days": 20,
    "efficiency": 0.46,
    "windows": [
        {
            "number": 0,
            "in_first": "2022-01-03",
            "in_last": "2022-03-30",
            "out_first": "2022-03-31",
            "out_last": "2022-04-29",
            "chosen": {"fast": 9, "slow": 21},
            "in_sample_score": 1.9,
            "score": 0.7,
            "is_done": True,
            "detail": "",
            "metrics": METRICS,
        }
    ],
}


def one(name: str, value: object) -> OpenApiExample:
    """An example of an answer."""
    return OpenApiExample(name, response_only=True, value=value)


def asked(name: str, value: object) -> OpenApiExample:
    """An example of a body."""
    return OpenApiExample(name, request_only=True, value=value)
