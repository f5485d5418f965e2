"""Market time of a run."""

from datetime import UTC, date, datetime


def instant(seconds: float) -> datetime:
    """Unix seconds as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)


class Clock:
    """`now` in Unix seconds and `day`, the Indian date of the session that runs."""

    __slots__ = ("_told", "day", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self.day = date.min
        self._told = 0.0, instant(0.0)

    @property
    def at(self) -> datetime:
        """The instant, aware."""
        if self._told[0] != self.now:
            self._told = self.now, instant(self.now)
        return self._told[1]
