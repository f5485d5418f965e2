"""What the bench tells its load generator, and what it hears back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask for, and for how long."""

    port: int
    path: str
    headers: dict[str, str]
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """Answers in the measured span; times in milliseconds. Whatever is not a 200 is an error.

    `answered` also counts those before and after the span, for what the server spent in all.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    answered: int
    errors: int
