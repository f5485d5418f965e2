"""Writes of snapshots, of the journal and of conventions."""

from .snapshots import snapshots_take

__all__ = ["snapshots_take"]
