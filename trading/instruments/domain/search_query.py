"""What somebody means by the words typed into the search box."""

from dataclasses import dataclass
from decimal import Decimal

from .keys import MONTHS, Exchange, Right, index_symbol

_RIGHTS = {
    "CE": Right.CALL,
    "CALL": Right.CALL,
    "PE": Right.PUT,
    "PUT": Right.PUT,
    "FUT": Right.FUTURE,
    "FUTURE": Right.FUTURE,
}
_LONGEST = 60
_STRIKE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`words` name the company or underlying; the rest narrows it down to contracts.

    `strike` holds the digits typed so far: 240 may become 24000.
    """

    words: tuple[str, ...]
    exchange: Exchange | None = None
    right: Right | None = None
    month: int | None = None
    strike: str | None = None

    @classmethod
    def parse(cls, text: str) -> "SearchQuery":
        """Read a query in any case, such as ``nifty 24000 ce``, ``nse:m&m`` or ``tata steel``."""
        head, colon, tail = text.strip().upper()[:_LONGEST].partition(":")
        exchange = Exchange(head) if colon and head in Exchange.__members__ else None
        words: list[str] = []
        right: Right | None = None
        month: int | None = None
        strike: str | None = None
        for word in (tail if exchange else f"{head} {tail}").split():
            if not words:
                words.append(word)
            elif word in _RIGHTS:
                right = _RIGHTS[word]
            elif word in MONTHS:
                month = MONTHS.index(word) + 1
            elif word.isdecimal() and word.isascii() and index_symbol(words[-1] + word) == words[-1] + word:
                strike = word[:_STRIKE_DIGITS]
            else:
                words.append(word)
        return cls(tuple(words), exchange, right, month, strike)

    @property
    def symbol(self) -> str:
        """The words as a symbol, aliases resolved: ``nifty bank`` → ``BANKNIFTY``."""
        return index_symbol("".join(self.words))

    @property
    def wants_contract(self) -> bool:
        """Whether something was typed that only a future or an option has."""
        return not (self.right is None and self.month is None and self.strike is None)

    def strike_ranges(self) -> list[tuple[Decimal, Decimal]]:
        """Half-open ranges of the strikes (rupees) that begin with the digits typed."""
        if not self.strike or not int(self.strike):
            return []
        first = int(self.strike)
        powers = (10**zeros for zeros in range(_STRIKE_DIGITS - len(str(first)) + 1))
        return [(Decimal(first * power), Decimal((first + 1) * power)) for power in powers]
