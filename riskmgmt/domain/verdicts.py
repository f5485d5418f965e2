"""How a gate says yes and no."""

from decimal import Decimal

from trading.orders.domain.gate import GateDecision


def number(value: Decimal | int) -> str:
    """A number as decisions show it: plain, without trailing zeros."""
    return f"{Decimal(value).normalize():f}"


def passed(gate: str, message: str, *, limit: str = "", used: str = "") -> GateDecision:
    """The gate lets the order through."""
    return GateDecision(gate=gate, allowed=True, code="ok", message=message, limit=limit, used=used)


def refused(gate: str, code: str, message: str, *, limit: str = "", used: str = "") -> GateDecision:
    """The gate holds the order back, under a stable code."""
    return GateDecision(gate=gate, allowed=False, code=code, message=message, limit=limit, used=used)
