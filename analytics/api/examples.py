"""What the schema shows of performance."""

from typing import Any

ACCOUNT = "01933f5e-7c1a-7d5e-9b1a-3f6f5d1c2a10"
PERIOD = {"from": "2026-04-01", "to": "2026-11-20", "days": 158}
CONVENTIONS = {"periods_per_year": 252, "risk_free": 0.065, "confidence": 0.95, "index": "NIFTY"}
PERFORMANCE: dict[str, Any] = {
    "period": PERIOD,
    "returns": 0.0842,
    "money_weighted": 0.1391,
    "cagr": 0.1376,
    "volatility": 0.1124,
    "sharpe": 0.64,
    "sortino": 0.98,
    "calmar": 1.75,
    "omega": 1.12,
    "max_drawdown": -0.0786,
    "win_rate": 0.4171,
    "profit_factor": 1.38,
    "payoff": 1.92,
    "expectancy": "447.18",
    "trades": 187,
    "total_pnl": "122534.50",
    "charges": "38912.16",
    "net_pnl": "83622.34",
    "opening": "0.00",
    "closing": "1083622.34",
    "paid_in": "1000000.00",
    "taken_out": "0.00",
    "exposure": 0.63,
    "turnover": 214.2,
    "conventions": CONVENTIONS,
}
RISK: dict[str, Any] = {
    "period": PERIOD,
    "figures": [
        {
            "key": "sharpe",
            "title": "Sharpe",
            "group": "Risk",
            "unit": "RATIO",
            "value": 0.64,
            "told": True,
            "note": "of 118 days",
            "explanation": "Mean return above the risk-free rate by its sample deviation, a year.",
        }
    ],
    "drawdowns": [
        {"peak": "2026-06-02", "trough": "2026-07-14", "recovered": "2026-08-03", "depth": -0.0786, "days": 62}
    ],
    "slippage": {"fills": 374, "estimated": 0, "cost": "4210.35", "basis_points": 1.84},
    "conventions": CONVENTIONS,
}
CURVE: dict[str, Any] = {
    "period": PERIOD,
    "index": "NIFTY",
    "points": [
        {
            "date": "2026-04-01",
            "equity": "1001250.40",
            "paid_in": "1000000.00",
            "net_pnl": "1250.40",
            "growth": 1.0012504,
            "drawdown": 0.0,
            "index": 1.0031,
        }
    ],
    "months": [
        {
            "year": 2026,
            "months": [None, None, None, 0.0121, -0.0043, -0.0712, 0.0406, 0.0388, 0.021, 0.0187, 0.0264, None],
            "total": 0.0842,
        }
    ],
}
TRADES: dict[str, Any] = {
    "count": 187,
    "next_offset": 50,
    "results": [
        {
            "account": ACCOUNT,
            "symbol": "NSE:RELIANCE",
            "product": "INTRADAY",
            "strategy": "orb-15",
            "tag": "breakout",
            "quantity": 100,
            "opened_at": "2026-11-20T04:02:11+00:00",
            "closed_at": "2026-11-20T05:40:52+00:00",
            "held_seconds": 5921,
            "entry_price": "1515.2000",
            "exit_price": "1521.0500",
            "gross_pnl": "585.00",
            "charges": "86.11",
            "net_pnl": "498.89",
            "mae": -0.0021,
            "mfe": 0.0058,
        }
    ],
}
BREAKDOWN: dict[str, Any] = {
    "by": "symbol",
    "results": [
        {
            "name": "NSE:RELIANCE",
            "net_pnl": "18240.10",
            "gross_pnl": "21440.60",
            "charges": "3200.50",
            "turnover": "6120400.00",
            "trades": 22,
            "win_rate": 0.5,
            "profit_factor": 1.71,
            "expectancy": "829.10",
        }
    ],
}
SNAPSHOT: dict[str, Any] = {
    "account": ACCOUNT,
    "day": "2026-11-20",
    "equity": "1083622.34",
    "cash": "1080122.34",
    "unrealised": "3500.00",
    "net_pnl": "-1204.18",
    "charges": "184.18",
    "deposits": "0.00",
    "withdrawals": "0.00",
    "turnover": "412300.00",
    "fills": 6,
    "open_positions": 2,
    "unpriced": 0,
    "taken_at": "2026-11-20T11:00:00+00:00",
}
