"""Reads of the dashboard, of performance, of the journal and of what is to be declared."""

from .conventions import Reckoning, reckoning_of
from .dashboard import Dashboard, Mover, dashboard, movers
from .history import History, account_history, history_of
from .performance import performance_of
from .scope import Scope, scope_for

__all__ = [
    "Dashboard",
    "History",
    "Mover",
    "Reckoning",
    "Scope",
    "account_history",
    "dashboard",
    "history_of",
    "movers",
    "performance_of",
    "reckoning_of",
    "scope_for",
]
