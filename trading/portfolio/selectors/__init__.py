"""Reads of accounts, funds, positions, holdings and rates."""

from trading.portfolio.selectors.accounts import Funds, account_get, accounts_for, funds, funds_get, statement
from trading.portfolio.selectors.day_pnl import DayPnl, account_day_pnl
from trading.portfolio.selectors.for_actor import PreparedForActor
from trading.portfolio.selectors.margin import (
    BasketMargin,
    MarginLeg,
    OrderMargin,
    basket_margin,
    order_margin,
    orders_margin,
)
from trading.portfolio.selectors.margin_use import MarginUse, margin_use
from trading.portfolio.selectors.marked_position import MarkedPosition
from trading.portfolio.selectors.positions import (
    delivery_quantity_available,
    holding_rows,
    holdings,
    mark,
    marked_positions,
    position_get,
    position_marked,
    position_quantity,
    position_rows,
    position_rows_first,
    positions,
)
from trading.portfolio.selectors.rates import OrderCost, charges_for, margin_terms, order_cost, rates_forget
from trading.portfolio.selectors.summary import PortfolioSummary, portfolio_summary

__all__ = [
    "BasketMargin",
    "DayPnl",
    "Funds",
    "MarginLeg",
    "MarginUse",
    "MarkedPosition",
    "OrderCost",
    "OrderMargin",
    "PortfolioSummary",
    "PreparedForActor",
    "account_day_pnl",
    "account_get",
    "accounts_for",
    "basket_margin",
    "charges_for",
    "delivery_quantity_available",
    "funds",
    "funds_get",
    "holding_rows",
    "holdings",
    "margin_terms",
    "margin_use",
    "mark",
    "marked_positions",
    "order_cost",
    "order_margin",
    "orders_margin",
    "portfolio_summary",
    "position_get",
    "position_marked",
    "position_quantity",
    "position_rows",
    "position_rows_first",
    "positions",
    "rates_forget",
    "statement",
]
