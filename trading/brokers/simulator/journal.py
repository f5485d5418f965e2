"""The simulator's memory: one JSON object a line, on disk before anybody hears of it, never changed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Event = dict[str, Any]


class Journal:
    """An append-only file, synced to the disk with every event; without a path it lives in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._events: list[Event] = list(_stored(path)) if path is not None and path.exists() else []
        self._file = None if path is None else path.open("a", encoding="utf-8")

    def append(self, event: Event) -> None:
        """Write one event; on return it has reached the disk."""
        if self._file is not None:
            self._file.write(json.dumps(event) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self._events.append(event)

    def events(self) -> list[Event]:
        """All events so far, oldest first."""
        return list(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _stored(path: Path) -> Iterator[Event]:
    """The events on disk; a last line that a crash cut short was never answered for, and is left out."""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
