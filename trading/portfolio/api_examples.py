"""What the schema shows for accounts, funds, positions and holdings."""

_ID = "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c11"
ACCOUNT = {
    "id": _ID,
    "name": "Intraday",
    "owner": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c12",
    "owner_email": "trader@alpha.demo",
    "broker": "PAPER",
    "mode": "PAPER",
    "is_active": True,
    "created_at": "2026-11-16T09:00:00+05:30",
}
FUNDS = {
    "available": "969700.00",
    "used_margin": "30300.00",
    "blocked": "0.00",
    "invested": "0.00",
    "collateral": "0.00",
    "realised_pnl": "0.00",
    "unrealised_pnl": "70.00",
    "charges": "5.38",
    "opening_balance": "1000000.00",
    "equity": "1000070.00",
    "stale": False,
}
MARGIN_USE = {
    "total": "74318.55",
    "shares": "3016.40",
    "shortfall": "0.00",
    "underlyings": [
        {
            "underlying": "NIFTY",
            "margin": "71302.15",
            "span": "8902.15",
            "exposure": "62400.00",
            "calendar": "0.00",
            "premium": "2600.00",
            "withheld_premium": "5525.00",
            "benefit": "171540.30",
            "marked_at": "2026-11-16T10:03:00+05:30",
            "estimate": False,
        }
    ],
}
POSITION = {
    "id": _ID,
    "account": _ID,
    "symbol": "NSE:RELIANCE",
    "product": "INTRADAY",
    "strategy": "",
    "quantity": 10,
    "average_price": "1508.2000",
    "ltp": "1515.20",
    "realised_pnl": "0.00",
    "unrealised_pnl": "70.00",
    "charges": "5.38",
    "day_pnl": "70.00",
    "margin": "3016.40",
    "stale": False,
}
HOLDING = {
    "id": _ID,
    "account": _ID,
    "symbol": "NSE:INFY",
    "strategy": "",
    "quantity": 100,
    "t1_quantity": 20,
    "pledged_quantity": 0,
    "average_price": "1498.4000",
    "ltp": "1541.05",
    "invested": "179808.00",
    "pnl": "5118.00",
    "day_pnl": "1240.00",
    "stale": False,
}
LEDGER_TRANSACTION = {
    "id": _ID,
    "source_type": "DEPOSIT",
    "source_id": _ID,
    "description": "Deposit",
    "at": "2026-11-16T09:00:00+05:30",
    "entries": {"AVAILABLE": "1000000.00", "CAPITAL": "-1000000.00"},
}
PORTFOLIO = {
    "accounts": 1,
    "open_positions": 1,
    "equity": "1000064.62",
    "available": "996978.22",
    "blocked": "0.00",
    "used_margin": "3016.40",
    "invested": "0.00",
    "holdings_value": "0.00",
    "realised_pnl": "0.00",
    "unrealised_pnl": "70.00",
    "charges": "5.38",
    "day_pnl": "64.62",
    "stale": False,
}
