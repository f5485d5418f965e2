"""What a comparison with the broker can find."""

from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: a stable code, what it is about, and what was expected here and found there."""

    code: str
    subject: str
    expected: str
    found: str
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """As a JSON value."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, str]) -> Self:
        """What `to_json` made."""
        return cls(**value)

    def __str__(self) -> str:
        told = f"{self.code} {self.subject}: expected {self.expected or 'nothing'}, found {self.found or 'nothing'}"
        return f"{told} ({self.detail})" if self.detail else told
