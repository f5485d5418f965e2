"""What a trading account holds and owes."""

from trading.portfolio.models.account import TradingAccount
from trading.portfolio.models.ledger import FundsHold, LedgerBalance, LedgerEntry, LedgerTransaction
from trading.portfolio.models.lifecycle import DayRun, DeliveryDay, PlanFee, SettlementCycle, SquareOffRule
from trading.portfolio.models.margin import EquityMargin, MarginBlock, SpanParameter
from trading.portfolio.models.position import Position
from trading.portfolio.models.position_event import PositionEvent
from trading.portfolio.models.rates import BrokerageRate, ChargeRate, MarginRate

__all__ = [
    "BrokerageRate",
    "ChargeRate",
    "DayRun",
    "DeliveryDay",
    "EquityMargin",
    "FundsHold",
    "LedgerBalance",
    "LedgerEntry",
    "LedgerTransaction",
    "MarginBlock",
    "MarginRate",
    "PlanFee",
    "Position",
    "PositionEvent",
    "SettlementCycle",
    "SpanParameter",
    "SquareOffRule",
    "TradingAccount",
]
