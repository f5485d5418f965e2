"""The double-entry book of one trading account, in paise: what each kind means and what each event posts.

Debits are positive. AVAILABLE, BLOCKED, MARGIN and INVENTORY are assets, CHARGES an expense, CAPITAL what the owner
put in (negative) and REALISED_PNL profit (negative) or loss (positive). Every event's postings sum to zero.

Only a fill or an event of a position may take AVAILABLE below zero: a loss, charges, or a price worse than the hold
assumed are owed whether or not the money is there. A hold or a withdrawal never may; nor may BLOCKED, MARGIN or
INVENTORY be negative.
"""

from collections.abc import Mapping
from enum import StrEnum

from trading.brokers.domain.terms import Product
from trading.portfolio.domain.position import PositionChange


class LedgerAccount(StrEnum):
    """The accounts of the book that each trading account keeps."""

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


def fill_postings(
    change: PositionChange, *, product: Product, charges_paise: int, released_hold_paise: int
) -> Postings:
    """All that a fill or a position event does: hold back, inventory or margin, realised P&L, charges."""
    if product is Product.DELIVERY:
        inventory = change.opened_value_paise - change.released_value_paise
        margin = 0
    else:
        inventory = 0
        margin = change.margin_blocked_paise - change.margin_released_paise
    postings = {
        LedgerAccount.BLOCKED: -released_hold_paise,
        LedgerAccount.MARGIN: margin,
        LedgerAccount.INVENTORY: inventory,
        LedgerAccount.CHARGES: charges_paise,
        LedgerAccount.REALISED_PNL: -change.realised_pnl_paise,
    }
    return _balanced({**postings, LedgerAccount.AVAILABLE: -sum(postings.values())})


def _balanced(postings: Postings) -> Postings:
    """Without the zero lines; a set that does not sum to zero is a mistake in this module."""
    if sum(postings.values()):
        raise ValueError(f"postings do not balance: {postings}")
    return {account: paise for account, paise in postings.items() if paise}
