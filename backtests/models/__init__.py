"""What is asked of the backtester, how far it is, and what came out."""

from .figures import Figures
from .quota import Quota
from .run import Run, RunStrategy
from .search import Cell, Search, Window
from .series import RunSeries

__all__ = ["Cell", "Figures", "Quota", "Run", "RunSeries", "RunStrategy", "Search", "Window"]
