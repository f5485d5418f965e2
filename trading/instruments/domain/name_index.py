"""Symbols and names in memory, for what a type-ahead asks at every keystroke. It never changes once it is built."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, islice
from typing import NamedTuple

# Half of a misspelt word's trigrams survive one wrong or two swapped letters in a word of seven.
_LEAST_RESEMBLANCE = 0.5
_MOST_NAMED = 1000
_LAST = "\U0010ffff"


class Named(NamedTuple):
    """Something that is found by its name. `rank` orders the kinds of instrument, lowest first."""

    id: int
    exchange: str
    symbol: str
    name: str
    rank: int
    has_derivatives: bool


class NameIndex:
    """Instruments other than contracts, in the order in which equally good matches are shown.

    Answers are ids, best first. All names stand in one text, which Python searches in well under a millisecond, so
    that any part of a name is found without an index of its own. What is typed must be in capitals.
    """

    def __init__(self, instruments: Iterable[Named], underlyings: Iterable[str] = ()) -> None:
        # NSE before BSE: a second sort, since a text cannot be negated.
        later_exchange_first = sorted(instruments, key=lambda one: one.exchange, reverse=True)
        ordered = sorted(later_exchange_first, key=_order)
        self._ids = array("q", (one.id for one in ordered))
        self._symbols = [one.symbol for one in ordered]
        self._names = [one.name.upper() for one in ordered]
        self._text = "\n".join([*self._names, ""])
        self._starts = array("l", accumulate((len(name) + 1 for name in self._names), initial=0))
        self._by_symbol = sorted(range(len(ordered)), key=self._symbols.__getitem__)
        self._exchanges = {one.id: one.exchange for one in ordered}
        self._groups = [(one.rank, not one.has_derivatives) for one in ordered]
        self._underlyings = sorted(set(underlyings))

    def __len__(self) -> int:
        return len(self._ids)

    def on_exchange(self, ids: Iterable[int], exchange: str) -> list[int]:
        """Those of the ids that are traded there."""
        return [pk for pk in ids if self._exchanges[pk] == exchange]

    def exact(self, symbol: str) -> list[int]:
        """Those whose symbol this is, on any exchange."""
        return [pk for pk, at in self._from(symbol) if self._symbols[at] == symbol]

    def beginning(self, prefix: str) -> list[int]:
        """Those whose symbol begins so."""
        return [pk for pk, _ in self._from(prefix)]

    def _from(self, prefix: str) -> list[tuple[int, int]]:
        """Ids and places of the symbols that begin so, in order of rank."""
        start = bisect_left(self._by_symbol, prefix, key=self._symbols.__getitem__)
        end = bisect_left(self._by_symbol, prefix + _LAST, lo=start, key=self._symbols.__getitem__)
        return [(self._ids[at], at) for at in sorted(self._by_symbol[start:end])]

    def named(self, words: Sequence[str]) -> list[int]:
        """Those whose name holds every word, also inside of other words; of a kind, the closest come first."""
        return [self._ids[at] for at in self._named(words)]

    def resembling(self, words: Sequence[str]) -> list[int]:
        """Those whose name shares most trigrams with the words, in spite of typing errors; none if no name does."""
        wanted = set(_trigrams(" ".join(words)))
        shared = Counter(at for trigram in wanted for at in self._by_trigram.get(trigram, ()))
        least = len(wanted) * _LEAST_RESEMBLANCE
        alike = [at for at, count in shared.items() if count >= least]

        def closeness(at: int) -> tuple[int, int, int]:
            return -shared[at], -len(wanted.intersection(_trigrams(self._symbols[at]))), at

        return [self._ids[at] for at in sorted(alike, key=closeness)]

    def underlyings(self, symbol: str, words: Sequence[str], most: int) -> list[str]:
        """Underlyings of contracts: those that begin with the symbol, else those whose name holds the words."""
        start = bisect_left(self._underlyings, symbol)
        beginning = []
        for underlying in self._underlyings[start : start + most]:
            if not underlying.startswith(symbol):
                break
            beginning.append(underlying)
        return beginning or self._underlyings_named(words, most)

    def _underlyings_named(self, words: Sequence[str], most: int) -> list[str]:
        symbols = dict.fromkeys(self._symbols[at] for at in self._named(words))
        known = set(self._underlyings)
        return [symbol for symbol in symbols if symbol in known][:most]

    def _named(self, words: Sequence[str]) -> list[int]:
        # The longest word is the rarest; one alone may be "limited", and nobody pages through thousands.
        longest = max(words, key=len)
        found = list(islice(self._holding(longest), _MOST_NAMED if len(words) == 1 else None))
        found = [at for at in found if all(word in self._names[at] for word in words)]
        return sorted(found, key=lambda at: (self._groups[at], _distance(self._names[at], words), at))

    def _holding(self, part: str) -> Iterator[int]:
        """The places of the names that hold a part, in order of rank."""
        hit = self._text.find(part)
        while hit >= 0:
            at = bisect_right(self._starts, hit) - 1
            yield at
            hit = self._text.find(part, self._starts[at + 1])

    @cached_property
    def _by_trigram(self) -> dict[str, list[int]]:
        # Only for what nobody's name holds, so most processes never build it.
        places: dict[str, list[int]] = {}
        for at, name in enumerate(self._names):
            for trigram in set(_trigrams(name)):
                places.setdefault(trigram, []).append(at)
        return places


def _order(one: Named) -> tuple[int, bool, int, str]:
    return one.rank, not one.has_derivatives, len(one.symbol), one.symbol


def _distance(name: str, words: Sequence[str]) -> int:
    """0: the name begins with the first word; 1: each word begins a word of the name; 2: somewhere inside."""
    if name.startswith(words[0]):
        return 0
    padded = f" {name}"
    return 1 if all(f" {word}" in padded for word in words) else 2


def _trigrams(text: str) -> Iterator[str]:
    """As PostgreSQL's pg_trgm cuts them: two blanks before each word and one behind."""
    for word in text.split():
        padded = f"  {word} "
        for at in range(len(padded) - 2):
            yield padded[at : at + 3]
