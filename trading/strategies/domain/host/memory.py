"""What a strategy remembers beyond a restart of its run."""

import json
from collections.abc import Mapping

from core.errors import InvalidInput

from ..context import Remembered

LARGEST_MEMORY = 64 * 1024
"""Bytes of JSON that a strategy may keep: it is written with every turn of a live run."""


class Memory:
    """Values by key, small enough to be written each time that something happens."""

    def __init__(self) -> None:
        self._values: dict[str, Remembered] = {}
        self._sizes: dict[str, int] = {}

    def keep(self, key: str, value: Remembered) -> None:
        """Raises InvalidInput: `memory_not_json`, `memory_full`; then all is as it was."""
        try:
            size = len(json.dumps({key: value}))
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"{key} cannot be remembered: {error}.", code="memory_not_json") from error
        if sum(self._sizes.values()) - self._sizes.get(key, 0) + size > LARGEST_MEMORY:
            message = f"A strategy may remember {LARGEST_MEMORY // 1024} KB as JSON; {key} would be beyond that."
            raise InvalidInput(message, code="memory_full")
        self._values[key], self._sizes[key] = value, size

    def recall(self, key: str, default: Remembered) -> Remembered:
        return self._values.get(key, default)

    def to_json(self) -> dict[str, Remembered]:
        """All of it."""
        return dict(self._values)

    def from_json(self, values: Mapping[str, Remembered]) -> None:
        """What `to_json` gave, which was small enough once."""
        self._values = dict(values)
        self._sizes = {key: len(json.dumps({key: value})) for key, value in values.items()}
