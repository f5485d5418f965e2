"""The double-entry book of one trading account, in paise: what each kind means and what each event posts.

Debits are positive. AVAILABLE, BLOCKED, MARGIN and INVENTORY are assets, CHARGES an expense, CAPITAL what the owner
put in (negative) and REALISED_PNL profit (negative) or loss (positive). Every event's postings sum to zero.

Only a fill, an event of a position or a margin that prices have moved may take AVAILABLE below zero: a loss,
charges, or a price worse than the hold assumed are owed whether or not the money is there. A hold or a withdrawal
never may; nor may BLOCKED, MARGIN or INVENTORY be negative.
"""

from collections.abc import Mapping
from enum import StrEnum

from trading.portfolio.domain.position import PositionChange, PositionState


class LedgerAccount(StrEnum):
    """The accounts of the book that each trading account keeps."""

    __hash__ = str.__hash__
    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    MARGIN = "MARGIN"
    INVENTORY = "INVENTORY"
    CAPITAL = "CAPITAL"
    CHARGES = "CHARGES"
    REALISED_PNL = "REALISED_PNL"


class SourceType(StrEnum):
    """The event that a ledger transaction records; with its id, what makes posting it twice impossible."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    FILL = "FILL"
    MARGIN = "MARGIN"
    CONVERSION = "CONVERSION"
    DELIVERY = "DELIVERY"
    EXPIRY = "EXPIRY"
    EXERCISE = "EXERCISE"
    ASSIGNMENT = "ASSIGNMENT"
    SETTLEMENT = "SETTLEMENT"
    M2M = "M2M"
    SPLIT = "SPLIT"
    BONUS = "BONUS"
    DIVIDEND = "DIVIDEND"
    INTEREST = "INTEREST"
    DP_CHARGE = "DP_CHARGE"
    SQUARE_OFF_FEE = "SQUARE_OFF_FEE"


NEEDS_FUNDS = (SourceType.HOLD, SourceType.WITHDRAWAL)

Postings = Mapping[LedgerAccount, int]


def deposit_postings(paise: int) -> Postings:
    """Money put in by the owner; negative for a withdrawal."""
    return _balanced({LedgerAccount.AVAILABLE: paise, LedgerAccount.CAPITAL: -paise})


def hold_postings(change_paise: int) -> Postings:
    """Money set aside for an open order; negative when given back."""
    return _balanced({LedgerAccount.BLOCKED: change_paise, LedgerAccount.AVAILABLE: -change_paise})


def block_postings(change_paise: int) -> Postings:
    """Margin that futures and options need more than before; negative when given back."""
    return _balanced({LedgerAccount.MARGIN: change_paise, LedgerAccount.AVAILABLE: -change_paise})


def inventory_paise(state: PositionState, *, is_paid_in_full: bool) -> int:
    """What a position has in INVENTORY: the cost of bought shares or options that were paid for in full."""
    return state.open_value_paise if is_paid_in_full and state.quantity > 0 else 0


def fill_postings(
    change: PositionChange,
    *,
    inventory_change_paise: int,
    charges_paise: int,
    released_hold_paise: int,
    block_change_paise: int = 0,
) -> Postings:
    """All that a fill or a position event does: hold back, inventory or margin, realised P&L, charges.

    A written option's premium is not credited until it is closed. `block_change_paise` is what the portfolio of its
    underlying needs more than before.
    """
    postings = {
        LedgerAccount.BLOCKED: -released_hold_paise,
        LedgerAccount.MARGIN: change.margin_blocked_paise - change.margin_released_paise + block_change_paise,
        LedgerAccount.INVENTORY: inventory_change_paise,
        LedgerAccount.CHARGES: charges_paise,
        LedgerAccount.REALISED_PNL: -change.realised_pnl_paise,
    }
    return _balanced({**postings, LedgerAccount.AVAILABLE: -sum(postings.values())})


def _balanced(postings: Postings) -> Postings:
    """Without the zero lines; a set that does not sum to zero is a mistake in this module."""
    if sum(postings.values()):
        raise ValueError(f"postings do not balance: {postings}")
    return {account: paise for account, paise in postings.items() if paise}
