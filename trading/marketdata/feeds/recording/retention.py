"""Deleting recordings that are old enough."""

import logging
from datetime import date, datetime
from pathlib import Path

from core.clock import trading_date

from .blocks import SUFFIX

logger = logging.getLogger(__name__)


def recordings_prune(directory: Path, before: date) -> int:
    """Delete what was recorded of days before one, and written before it as well; returns how many files.

    A day that was replayed lies under its old date and is new all the same. Only files that a recorder made are
    touched. What cannot be deleted is logged and stays.
    """
    deleted = 0
    for folder in _days_before(directory, before):
        for file in folder.glob(f"*{SUFFIX}"):
            try:
                if trading_date(datetime.fromtimestamp(file.stat().st_mtime).astimezone()) < before:
                    file.unlink()
                    deleted += 1
            except OSError:
                logger.warning("an old recording was not deleted", extra={"path": str(file)}, exc_info=True)
        _remove_if_empty(folder)
    return deleted


def _days_before(directory: Path, before: date) -> list[Path]:
    return sorted(path for path in directory.iterdir() if path.is_dir() and _is_day_before(path.name, before))


def _is_day_before(name: str, before: date) -> bool:
    try:
        return date.fromisoformat(name) < before
    except ValueError:
        return False


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Something else lies there, or another recorder was quicker.
        logger.debug("a folder of recordings stays", extra={"path": str(folder)})
