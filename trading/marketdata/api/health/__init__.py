"""The health of the data over REST: gaps, backfills, imports, daily bars, storage."""

from .backfills import BackfillsView, BackfillView
from .daily import DailyBarsView
from .gaps import GapsView
from .imports import ImportsView
from .storage import StorageView

__all__ = ["BackfillView", "BackfillsView", "DailyBarsView", "GapsView", "ImportsView", "StorageView"]
