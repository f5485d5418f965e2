"""What a run may be held to: bounds of its capital, its limits, and how long its signals last."""

from decimal import Decimal

from core.errors import InvalidInput
from trading.strategies.domain.runs.limits import RunLimits

MOST_CAPITAL = Decimal(10) ** 12
MOST_COUNT = 2**31 - 1
MOST_BAND = Decimal(100)
SIGNAL_SECONDS = (5, 6 * 3600)
_BASIS_POINT = Decimal("0.01")
_MOST = {
    "max_loss": MOST_CAPITAL,
    "max_loss_day": MOST_CAPITAL,
    "max_orders_day": MOST_COUNT,
    "max_open_positions": MOST_COUNT,
    "approval_band": MOST_BAND,
}


def bounds_check(*, capital: Decimal, limits: RunLimits, signal_seconds: int) -> None:
    """Raises InvalidInput with the field: `capital_invalid`, `limit_invalid`, `signal_seconds_invalid`."""
    if not capital.is_finite() or not 0 < capital <= MOST_CAPITAL:
        raise fault("capital", "capital_invalid", f"Capital is above 0 and at most {MOST_CAPITAL:,f} rupees.")
    least, most = SIGNAL_SECONDS
    if not least <= signal_seconds <= most:
        raise fault("signal_seconds", "signal_seconds_invalid", f"Between {least} and {most} seconds.")
    for name, highest in _MOST.items():
        value = getattr(limits, name)
        if value is not None and not (Decimal(value).is_finite() and 0 < value <= highest):
            message = f"A limit is above 0 and at most {highest:,f}; leave it out for none."
            raise fault(f"limits.{name}", "limit_invalid", message)
    band = limits.approval_band
    if band is not None and band % _BASIS_POINT:
        raise fault(
            "limits.approval_band", "limit_invalid", "A band is a percentage with two decimals at the most."
        )


def fault(field_name: str, code: str, message: str) -> InvalidInput:
    """A refusal that names its field."""
    return InvalidInput(message, code=code, errors={field_name: [message]})
