"""Writes of snapshots, of the journal and of conventions."""

from .conventions import conventions_set
from .journal import (
    JournalNote,
    journal_change,
    journal_delete,
    journal_write,
    picture_add,
    picture_delete,
)
from .snapshots import snapshots_take

__all__ = [
    "JournalNote",
    "conventions_set",
    "journal_change",
    "journal_delete",
    "journal_write",
    "picture_add",
    "picture_delete",
    "snapshots_take",
]
