"""What an account's book comes to before any price of the day is asked for.

It is a pure function of rows that are only ever added to, so it may be kept as long as no row has come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from .book import BookLine, PositionKey, Steps, by_position, held_overnight, steps_of
from .tags import TaggedPosition, by_tag
from .tax.classify import Declared, declared
from .trades import TradeList, trades_of


@dataclass(frozen=True, eq=False)
class AccountFold:
    """One account's lines in the order of recording; what follows from them is reckoned when first asked for."""

    lines: Sequence[BookLine]

    @cached_property
    def days(self) -> frozenset[date]:
        """The days on which anything happened."""
        return frozenset(line.day for line in self.lines)

    @cached_property
    def steps(self) -> Mapping[PositionKey, Steps]:
        """By position."""
        return {position: steps_of(lines) for position, lines in self._positions.items()}

    @cached_property
    def _positions(self) -> Mapping[PositionKey, list[BookLine]]:
        return by_position(self.lines)

    @cached_property
    def tagged(self) -> Mapping[TaggedPosition, Steps]:
        """By position and the tag of the order that opened it."""
        return {key: steps_of(lines) for key, lines in by_tag(self.lines).items()}

    @cached_property
    def trades(self) -> TradeList:
        """Closed trades and open units."""
        return trades_of(self.lines)

    @cached_property
    def overnight(self) -> frozenset[int]:
        """Instruments that were held over some night."""
        return frozenset(held_overnight(self._positions))

    @cached_property
    def instruments(self) -> frozenset[int]:
        """All instruments."""
        return frozenset(position.instrument_id for position in self._positions)

    def declared(self, derivatives: frozenset[int]) -> Declared:
        """Its trades as they are taxed; `derivatives` names the instruments that are futures or options."""
        mine = derivatives & self.instruments
        kept: dict[frozenset[int], Declared] = self.__dict__.setdefault("_declared", {})
        if mine not in kept:
            kept[mine] = declared(self.lines, mine)
        return kept[mine]
