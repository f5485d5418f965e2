"""Indicators: a registry of recurrences that compute over many bars or follow them one by one."""

from . import registry
from .bars import Bars
from .definition import Incremental, Indicator

__all__ = ["Bars", "Incremental", "Indicator", "registry"]
