"""What execution cost against the price at which a trade was decided (Perold's implementation shortfall).

Only of what traded: the opportunity lost on what did not trade is not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill beside its decision price, both rupees per unit. `quantity` is signed: bought positive."""

    quantity: int
    price: Decimal
    decision_price: Decimal

    @property
    def cost_paise(self) -> Decimal:
        """What the fill was worse than the decision; negative where it was better."""
        return (self.price - self.decision_price) * self.quantity * 100


@dataclass(frozen=True, slots=True)
class Slippage:
    """Sums over fills whose decision price is known. `cost_paise` is positive for a cost."""

    fills: int
    cost_paise: int
    decided_paise: int

    @property
    def basis_points(self) -> float:
        """The cost by the value at decision prices; NaN without any."""
        return self.cost_paise / self.decided_paise * BASIS_POINTS if self.decided_paise else float("nan")


def slippage(executions: Iterable[Execution]) -> Slippage:
    """All executions together."""
    rows = list(executions)
    return Slippage(
        fills=len(rows),
        cost_paise=round(sum((each.cost_paise for each in rows), Decimal(0))),
        decided_paise=round(sum((each.decision_price * abs(each.quantity) * 100 for each in rows), Decimal(0))),
    )
