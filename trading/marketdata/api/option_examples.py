"""Examples for the schema of the options API."""

_LEG = {
    "symbol": "NFO:NIFTY26NOV24W24000CE",
    "ltp": "142.35",
    "change": "-12.40",
    "bid": "142.20",
    "ask": "142.50",
    "bid_quantity": 650,
    "ask_quantity": 325,
    "volume": 18426200,
    "oi": 8123400,
    "oi_change": 412750,
    "iv": 13.42,
    "delta": 0.5312,
    "gamma": 0.0007213,
    "theta": -18.2204,
    "vega": 8.3127,
    "rho": 1.2093,
    "intrinsic": "28.45",
    "time_value": "113.90",
    "priced_by": "LTP",
    "timestamp": "2026-11-20T05:10:01.250000Z",
    "stale": False,
}
_HEAD = {
    "underlying": "NIFTY",
    "exchange": "NFO",
    "expiry": "2026-11-24",
    "at": "2026-11-20T05:10:02Z",
    "days": 4.2014,
    "rate": 6.5,
    "lot_size": 65,
    "spot": "24011.30",
    "spot_symbol": "NSE:NIFTY",
    "future": None,
    "future_symbol": "",
    "synthetic": "24028.45",
    "forward": "24028.45",
    "forward_source": "SYNTHETIC",
    "atm_strike": "24050.00",
    "summary": {
        "pcr_oi": 0.9241,
        "pcr_volume": 1.0312,
        "max_pain": "24000.00",
        "atm_iv": 13.38,
        "straddle": "262.10",
        "expected_move": "344.97",
        "skew": 1.64,
        "call_oi": 92123400,
        "put_oi": 85131215,
        "call_volume": 412000000,
        "put_volume": 424854400,
        "stale_legs": 0,
    },
}
CHAIN = {
    **_HEAD,
    "rows": [{"strike": "24000.00", "call": _LEG, "put": {**_LEG, "symbol": "NFO:NIFTY26NOV24W24000PE"}}],
}
ANALYTICS = {
    **_HEAD,
    "smile": [{"strike": "24000.00", "iv": 13.51, "call_iv": 13.42, "put_iv": 13.51}],
    "oi_profile": [
        {
            "strike": "24000.00",
            "call_oi": 8123400,
            "put_oi": 7912150,
            "call_oi_change": 412750,
            "put_oi_change": -65000,
        }
    ],
}
EXPIRIES = {
    "underlying": "NIFTY",
    "exchange": "NFO",
    "results": [
        {"expiry": "2026-11-17", "days": -3, "expired": True},
        {"expiry": "2026-11-24", "days": 4, "expired": False},
    ],
}
SERIES = {
    "underlying": "NIFTY",
    "expiry": "2026-11-24",
    "date": "2026-11-20",
    "interval": "5m",
    "points": [
        ["2026-11-20T03:50:00Z", "24011.30", "24028.45", "24050.00", "262.10", 13.38, 0.9241, "24000.00"],
    ],
}
BARS = {
    "symbol": "NFO:NIFTY26NOV24W24000CE",
    "date": "2026-11-20",
    "interval": "5m",
    "bars": [
        ["2026-11-20T09:15:00+05:30", "150.00", "152.40", "139.80", "142.35", 412750, 8123400, 13.42, "24028.45"],
    ],
}
FUTURES = {
    "underlying": "NIFTY",
    "exchange": "NFO",
    "at": "2026-11-20T05:10:02Z",
    "rate": 6.5,
    "spot": "24011.30",
    "spot_symbol": "NSE:NIFTY",
    "futures": [
        {
            "symbol": "NFO:NIFTY26NOVFUT",
            "expiry": "2026-11-24",
            "days": 4.2014,
            "lot_size": 65,
            "ltp": "24031.00",
            "change": "-41.20",
            "bid": "24030.50",
            "ask": "24031.40",
            "volume": 5120000,
            "oi": 14200000,
            "oi_change": -320000,
            "basis": "19.70",
            "basis_pct": 0.082,
            "annualised": 7.13,
            "carry": 7.13,
            "fair_value": "24029.27",
            "timestamp": "2026-11-20T05:10:01.250000Z",
            "stale": False,
        }
    ],
    "rolls": [
        {
            "near": "NFO:NIFTY26NOVFUT",
            "far": "NFO:NIFTY26DECFUT",
            "spread": "131.00",
            "spread_pct": 0.5451,
            "roll_yield": -5.69,
            "carried": 31.2,
            "carried_before": 27.9,
        }
    ],
}
