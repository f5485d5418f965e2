"""The `indicators` topic: running computations, each shared by all who follow it."""

from .topic import IndicatorTopic

__all__ = ["IndicatorTopic"]
