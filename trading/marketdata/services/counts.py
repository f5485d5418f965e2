"""What a write in bulk did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """Rows given, rows new, rows whose values changed."""

    given: int = 0
    inserted: int = 0
    updated: int = 0

    @property
    def unchanged(self) -> int:
        """Rows that were stored already, with the same or better values."""
        return self.given - self.inserted - self.updated

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(self.given + other.given, self.inserted + other.inserted, self.updated + other.updated)
