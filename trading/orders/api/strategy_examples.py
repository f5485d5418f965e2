"""What the schema shows for the strategy builder."""

from drf_spectacular.utils import OpenApiExample

from trading.orders.api.order_examples import ACCOUNT_ID

_GREEKS = {"delta": "-2.1000", "gamma": "-0.041000", "vega": "-188.20", "theta": "612.40", "rho": "-1.10"}
_LEG = {"symbol": "NFO:NIFTY26NOV26300CE", "side": "SELL", "lots": 1}
_KEPT_LEG = {**_LEG, "price": "86.20", "held": False}
_LINK = "NFO:NIFTY26NOV26300CE:SELL:1:86.2,NFO:NIFTY26NOV26500CE:BUY:1"

PAYOFF_REQUEST = OpenApiExample(
    "A credit spread, two days ahead and a point of volatility higher",
    request_only=True,
    value={
        "account": ACCOUNT_ID,
        "legs": [{**_LEG, "price": "86.20"}, {**_LEG, "symbol": "NFO:NIFTY26NOV26500CE", "side": "BUY"}],
        "what_if": {"spot_pct": "0.5", "iv_shift": "1", "days": "2"},
    },
)
PAYOFF = OpenApiExample(
    "A credit spread",
    response_only=True,
    value={
        "underlying": "NIFTY",
        "spot": "26068.15",
        "stale": False,
        "at": "2026-11-20T10:46:00+05:30",
        "rate": "0.0650",
        "expires_at": "2026-11-24T15:30:00+05:30",
        "last_expires_at": "2026-11-24T15:30:00+05:30",
        "legs": [
            {
                **_LEG,
                "quantity": 75,
                "kind": "CALL",
                "strike": "26300.00",
                "expiry": "2026-11-24",
                "held": False,
                "price": "86.20",
                "price_source": "GIVEN",
                "market_price": "86.05",
                "stale": False,
                "iv": "0.1184",
                "iv_source": "IMPLIED",
                "value": "118.40",
                "pnl": "-2415.00",
                "greeks": _GREEKS,
            }
        ],
        "net_premium": "3333.75",
        "basis": "EXACT",
        "max_gain": {"unbounded": False, "amount": "3333.75", "at": "0.00"},
        "max_loss": {"unbounded": False, "amount": "-11666.25", "at": "26500.00"},
        "break_evens": ["26344.45"],
        "searched": None,
        "probability_of_profit": "0.7431",
        "assumption": {"distribution": "lognormal", "forward": "26091.40", "volatility": "0.1284", "days": "4.20"},
        "greeks": _GREEKS,
        "now": {"at": "2026-11-20T10:46:00+05:30", "spot": "26068.15", "pnl": "11.25"},
        "what_if": {"at": "2026-11-22T10:46:00+05:30", "spot": "26198.49", "pnl": "-1530.00"},
        "curve": {
            "spot": ["25500.00", "26300.00", "26500.00"],
            "expiry": ["3333.75", "3333.75", "-11666.25"],
            "now": ["3012.40", "-2110.55", "-4710.20"],
            "what_if": ["3244.10", "-1980.00", "-5411.75"],
        },
        "warnings": [],
        "order": None,
    },
)
KEPT_REQUEST = OpenApiExample("Keep it", request_only=True, value={"name": "Expiry spread", "legs": [_KEPT_LEG]})
KEPT = OpenApiExample(
    "A kept strategy",
    response_only=True,
    value={
        "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d90",
        "name": "Expiry spread",
        "underlying": "NIFTY",
        "legs": [_KEPT_LEG],
        "link": _LINK,
        "updated_at": "2026-11-20T10:46:00+05:30",
    },
)
SHAPES = OpenApiExample(
    "A shape",
    response_only=True,
    value={"key": "iron-condor", "name": "Iron condor", "view": "neutral"},
)
SHAPE_LEGS = OpenApiExample(
    "Its legs",
    response_only=True,
    value={"shape": "bear-call-spread", "legs": [_KEPT_LEG], "link": _LINK},
)
