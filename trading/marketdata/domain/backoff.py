"""How long to wait before trying again."""

import random


class FullJitter:
    """Delays drawn evenly from zero to a bound that doubles with each attempt up to `cap` seconds.

    Full jitter: many that lost the same source at the same moment come back spread over the whole span.
    """

    def __init__(self, *, base: float, cap: float, draw: random.Random | None = None) -> None:
        self._base = base
        self._cap = cap
        self._draw = draw or random.Random()
        self.attempts = 0

    def next_delay(self) -> float:
        """Seconds to wait before the next attempt."""
        bound = min(self._cap, self._base * 2.0 ** min(self.attempts, 32))
        self.attempts += 1
        return self._draw.uniform(0.0, bound)

    def reset(self) -> None:
        """It worked: begin with short delays again."""
        self.attempts = 0
