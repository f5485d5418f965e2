"""What holding shares overnight and handing them over costs: interest on what is lent, the depository's charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import from_paise, to_paise

from .deliveries import DeliveryTally
from .position import PositionState, share


@dataclass(frozen=True, slots=True)
class DepositoryFee:
    """A plan's charge for a share that leaves the demat account: rupees before GST, once a day. With `on_unsettled`
    also for shares that were sold before they had arrived."""

    amount: Decimal
    on_unsettled: bool

    def charge_paise(self, gst_rate: Decimal) -> int:
        """With GST, each of the two to the paisa."""
        return to_paise(self.amount) + to_paise(self.amount * gst_rate)


def debited_units(fee: DepositoryFee, tallies: Sequence[DeliveryTally]) -> int:
    """Units of one share that an account's positions have handed over on a day; nothing is charged for none."""
    return sum(tally.debited(on_unsettled=fee.on_unsettled) for tally in tallies)


def funded_paise(state: PositionState, coming: int) -> int:
    """What the broker has lent for a position's shares, of which `coming` have not arrived and are not paid yet."""
    lent = max(state.open_value_paise - state.margin_paise, 0)
    return share(lent, state.quantity - coming, state.quantity)


def interest_paise(rate: Decimal, *, days: int, funded: int) -> int:
    """Interest for calendar days at a rate a day; it bears no GST."""
    return to_paise(rate * days * from_paise(funded))
