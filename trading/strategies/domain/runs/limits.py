"""A run's limits of its own. They come before the gates of the house and replace none of them."""

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from core.money import PAISA, format_inr


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Money in rupees; None does not limit. Losses are positive amounts. `approval_band`: by how many per cent the
    price may have moved since a signal's decision, either way, for the signal still to be approved."""

    max_loss: Decimal | None = None
    max_loss_day: Decimal | None = None
    max_orders_day: int | None = None
    max_open_positions: int | None = None
    approval_band: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Where the run stands: profit after charges with what is open (rupees), orders of today, instruments held."""

    net: Decimal = Decimal(0)
    net_day: Decimal = Decimal(0)
    orders_today: int = 0
    open_positions: int = 0


class Breach(StrEnum):
    """Which limit."""

    MAX_LOSS = "max_loss"
    MAX_LOSS_DAY = "max_loss_day"
    MAX_ORDERS_DAY = "max_orders_day"
    MAX_OPEN_POSITIONS = "max_open_positions"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a signal becomes no order."""

    code: str
    message: str


def loosened(before: RunLimits, after: RunLimits) -> tuple[str, ...]:
    """The names of the limits that would allow more than before."""
    return tuple(
        each.name
        for each in fields(RunLimits)
        if _allows_more(getattr(before, each.name), getattr(after, each.name))
    )


def _allows_more(before: Decimal | int | None, after: Decimal | int | None) -> bool:
    return before is not None and (after is None or after > before)


def approval_band(limits: RunLimits, decided: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """From which to which price, to the paisa, a signal that was decided at `decided` can be approved; None where
    there is no band, or where nobody knows at which price it was decided."""
    if limits.approval_band is None or decided is None:
        return None
    slack = decided * limits.approval_band / 100
    return (decided - slack).quantize(PAISA), (decided + slack).quantize(PAISA)


def loss_breach(limits: RunLimits, figures: RunFigures) -> Refusal | None:
    """The loss limit that has been reached, the run's before the day's."""
    if limits.max_loss is not None and figures.net <= -limits.max_loss:
        return Refusal(Breach.MAX_LOSS, f"The run has lost its {format_inr(limits.max_loss)}.")
    if limits.max_loss_day is not None and figures.net_day <= -limits.max_loss_day:
        return Refusal(Breach.MAX_LOSS_DAY, f"The run has lost its {format_inr(limits.max_loss_day)} of the day.")
    return None


def order_refusal(limits: RunLimits, figures: RunFigures, *, orders: int, held: int, change: int) -> Refusal | None:
    """Why `orders` new orders that move a holding of `held` units by `change` are refused, None if they are not.

    What only takes a position down is refused by no limit: a run must always be able to get out.
    """
    if reduces(held, change):
        return None
    breach = loss_breach(limits, figures)
    if breach is not None:
        return breach
    if limits.max_orders_day is not None and figures.orders_today + orders > limits.max_orders_day:
        return Refusal(Breach.MAX_ORDERS_DAY, f"The run may send {limits.max_orders_day} orders a day.")
    opens = held == 0
    if opens and limits.max_open_positions is not None and figures.open_positions + 1 > limits.max_open_positions:
        return Refusal(
            Breach.MAX_OPEN_POSITIONS, f"The run may hold {limits.max_open_positions} instruments at a time."
        )
    return None


def reduces(held: int, change: int) -> bool:
    """Whether a change only takes a holding towards zero."""
    return held * change < 0 and abs(change) <= abs(held)
