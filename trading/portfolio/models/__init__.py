"""What a trading account holds and owes."""

from trading.portfolio.models.account import TradingAccount
from trading.portfolio.models.ledger import FundsHold, LedgerBalance, LedgerEntry, LedgerTransaction
from trading.portfolio.models.position import Position
from trading.portfolio.models.position_event import PositionEvent
from trading.portfolio.models.rates import BrokerageRate, ChargeRate, MarginRate

__all__ = [
    "BrokerageRate",
    "ChargeRate",
    "FundsHold",
    "LedgerBalance",
    "LedgerEntry",
    "LedgerTransaction",
    "MarginRate",
    "Position",
    "PositionEvent",
    "TradingAccount",
]
