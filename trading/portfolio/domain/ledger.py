"""The double-entry book of one trading account, in paise: what each kind means and what each event posts.

Debits are positive. AVAILABLE, BLOCKED, MARGIN and INVENTORY are assets, CHARGES an expense, CAPITAL what the owner
put in (negative) and REALISED_PNL profit (negative) or loss (positive). Every event's postings sum to zero.

Only a fill and a margin that prices have moved may take AVAILABLE below zero: a loss, charges, or a price worse than
the hold assumed are owed whether or not the money is there. A hold or a withdrawal never may; nor may BLOCKED, MARGIN or INVENTORY be negative.
"""

from collections.abc import Mapping
from enum import StrEnum

from trading.brokers.domain.terms import Side
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
    MARGIN = "MARGIN"


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


def fill_postings(
    change: PositionChange,
    *,
    side: Side,
    is_paid_in_full: bool,
    charges_paise: int,
    released_hold_paise: int,
    block_change_paise: int = 0,
) -> Postings:
    """Everything a fill does to the book: hold back, inventory or margin, realised P&L, charges.

    What `is_paid_in_full` (shares for delivery, bought options) goes into INVENTORY at cost and comes out of it when
    sold; a written option's premium is not credited until it is closed. `block_change_paise` is what the portfolio
    of its underlying needs more than before.
    """
    inventory = 0
    if is_paid_in_full:
        inventory = change.opened_value_paise if side is Side.BUY else -change.released_value_paise
    margin = change.margin_blocked_paise - change.margin_released_paise
    postings = {
        LedgerAccount.BLOCKED: -released_hold_paise,
        LedgerAccount.MARGIN: margin + block_change_paise,
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
