"""How much of the market a quantity stands for."""

from decimal import Decimal


def exposure_value(*, instrument_type: str, quantity: int, price: Decimal, strike: Decimal | None) -> Decimal:
    """Signed rupees: positive gains when the underlying rises.

    A bought option risks its premium and no more; a sold one the underlying at its strike, as the exchanges'
    exposure margin takes it. `quantity` is signed.
    """
    at = strike if quantity < 0 and strike is not None else price
    value = quantity * at
    return -value if instrument_type == "PE" else value
