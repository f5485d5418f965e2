"""Writes to trading accounts, their ledger and their positions."""

from trading.portfolio.services.accounts import account_create, account_lock, account_lock_for
from trading.portfolio.services.convert import Conversion, position_convert
from trading.portfolio.services.events import position_event_post
from trading.portfolio.services.fills import FillFacts, FillResult, fill_post
from trading.portfolio.services.funds import InsufficientFunds, funds_deposit, funds_withdraw, hold_set
from trading.portfolio.services.margin import margin_reblock
from trading.portfolio.services.margin_refresh import margins_refresh
from trading.portfolio.services.verification import LedgerFinding, ledger_verify

__all__ = [
    "Conversion",
    "FillFacts",
    "FillResult",
    "InsufficientFunds",
    "LedgerFinding",
    "account_create",
    "account_lock",
    "account_lock_for",
    "fill_post",
    "funds_deposit",
    "funds_withdraw",
    "hold_set",
    "ledger_verify",
    "margin_reblock",
    "margins_refresh",
    "position_convert",
    "position_event_post",
]
