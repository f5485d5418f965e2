"""What a strategy is written with."""

from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.option_choice import ExpiryRule, Right

from .context import Context
from .lines import Line, crossed_above, crossed_below
from .market import Bar, Fill, OrderView
from .settings import choice, clock_time, flag, instrument, integer, number
from .strategy import Doc, Kind, Setup, SignalStrategy, Strategy
from .wish import LegWish

__all__ = [
    "Bar",
    "Context",
    "Doc",
    "ExpiryRule",
    "Fill",
    "Interval",
    "Kind",
    "LegWish",
    "Line",
    "OrderType",
    "OrderView",
    "Product",
    "Right",
    "Setup",
    "Side",
    "SignalStrategy",
    "Strategy",
    "Validity",
    "choice",
    "clock_time",
    "crossed_above",
    "crossed_below",
    "flag",
    "instrument",
    "integer",
    "number",
]
