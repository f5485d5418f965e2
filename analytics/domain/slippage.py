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
    """Sums over fills whose decision price is known. `cost_paise` is positive for a cost.

    Of `estimated` of the fills the order had kept no decision price: a stored minute's close stands for it.
    """

    fills: int = 0
    cost_paise: int = 0
    decided_paise: int = 0
    estimated: int = 0

    def __add__(self, other: "Slippage") -> "Slippage":
        return Slippage(
            self.fills + other.fills,
            self.cost_paise + other.cost_paise,
            self.decided_paise + other.decided_paise,
            self.estimated + other.estimated,
        )

    @property
    def basis_points(self) -> float:
        """The cost by the value at decision prices; NaN without any."""
        return self.cost_paise / self.decided_paise * BASIS_POINTS if self.decided_paise else float("nan")


def slippage(executions: Iterable[Execution], *, are_estimated: bool = False) -> Slippage:
    """All executions together."""
    rows = list(executions)
    return Slippage(
        fills=len(rows),
        cost_paise=round(sum((each.cost_paise for each in rows), Decimal(0))),
        decided_paise=round(sum((each.decision_price * abs(each.quantity) * 100 for each in rows), Decimal(0))),
        estimated=len(rows) if are_estimated else 0,
    )
