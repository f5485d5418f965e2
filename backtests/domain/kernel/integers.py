"""Whole numbers that are not below nothing, divided as machines do it fastest."""

import numpy as np

from .jit import compiled


@compiled
def quotient(number: int, by: int) -> int:
    """`number // by` of two that are not below nothing: without a sign there is nothing to round down for, and a
    `by` that is known beforehand becomes a multiplication."""
    return np.int64(np.uint64(number) // np.uint64(by))  # type: ignore[return-value]


@compiled
def paise(amount: int) -> int:
    """Ten-thousandths of a rupee in whole paise, half away from zero."""
    return quotient(amount + 50, 100) if amount >= 0 else -quotient(50 - amount, 100)
