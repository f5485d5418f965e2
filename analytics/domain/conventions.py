"""The conventions that every figure of performance follows, stated in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conventions:
    """How returns are annualised and what they are measured against.

    `periods_per_year` counts the returns' periods (252 trading days), `risk_free` is a yearly rate as a fraction,
    compounded down to the period. Deviations are sample deviations (n - 1). `confidence` is that of the value at
    risk.
    """

    periods_per_year: int = 252
    risk_free: float = 0.065
    confidence: float = 0.95

    @property
    def risk_free_per_period(self) -> float:
        """The risk-free return of one period."""
        return float((1.0 + self.risk_free) ** (1.0 / self.periods_per_year) - 1.0)
