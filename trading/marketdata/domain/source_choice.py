"""Which of several sources of one instrument is believed: the best that keeps up, without going back and forth."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .tick import Tick


@dataclass(frozen=True, slots=True)
class FailoverTerms:
    """When another source takes over; moments are seconds of a clock that only runs forward.

    A source is behind on an instrument when it is older than the newest told by any, by more than `slack` of
    exchange time: sources that cut their timestamps to seconds are not. Behind for `behind_after` seconds, it loses
    the lead. A better source gets the lead back once it has kept up for `steady_for` seconds.
    """

    slack: timedelta = timedelta(seconds=2)
    behind_after: float = 3.0
    steady_for: float = 10.0
    # Two counters of the same trade that differ by more than this fraction do not count the same thing.
    counters_agree_within: float = 0.01


@dataclass(frozen=True, slots=True)
class Choice:
    """A tick to be published, its volume made to follow what was published before, and where it comes from.

    `received_at` is the wall's time; `is_old_trade` as in a `Verdict`.
    """

    source: int
    tick: Tick
    received_at: datetime
    is_old_trade: bool = False


@dataclass(slots=True)
class _Told:
    """What one source has told of one instrument. `gap` is what its volume counter lacks against the published."""

    choice: Choice
    steady_since: float
    behind_since: float | None = None
    gap: int | None = None

    @property
    def tick(self) -> Tick:
        """The newest tick, as the source told it."""
        return self.choice.tick


@dataclass(slots=True)
class _Instrument:
    lead: int
    front: datetime
    offset: int = 0
    volume: int | None = None
    told: dict[int, _Told] = field(default_factory=dict)


class SourceChoice:
    """Judges ticks of sources 0, 1, 2, …, the best first. Not thread-safe.

    Volume counters are the session's so far, so a change of source adds nothing as long as both count the same;
    where they are known not to, the new one's is shifted to go on from the last one published.
    """

    def __init__(self, sources: int, terms: FailoverTerms | None = None) -> None:
        self._terms = terms or FailoverTerms()
        self._up_since: dict[int, float] = {}
        self._sources = sources
        self._instruments: dict[str, _Instrument] = {}
        self._suspects: dict[str, None] = {}
        self.taken_over = [0] * sources
        """How often each source took an instrument over from another."""

    def leads(self) -> list[int]:
        """Of how many instruments each source's ticks are published now."""
        counts = [0] * self._sources
        for instrument in self._instruments.values():
            counts[instrument.lead] += 1
        return counts

    def is_lead(self, source: int, key: str) -> bool:
        """Whether this source's ticks of an instrument are the ones that count now."""
        return self._sources == 1 or self._instruments[key].lead == source

    def take(self, offered: Choice, moment: float) -> Choice | None:
        """A source's tick, in its own order: what to publish of it, None when it is only remembered."""
        if self._sources == 1:
            return offered
        source, tick = offered.source, offered.tick
        self._up_since.setdefault(source, moment)
        instrument = self._instruments.get(tick.key)
        if instrument is None:
            instrument = self._instruments[tick.key] = _Instrument(lead=source, front=tick.timestamp)
        self._remember(instrument, offered, moment)
        self._elect(instrument, moment)
        self._watch(tick.key, instrument)
        return self._publish(instrument) if instrument.lead == source else None

    def lost(self, source: int, moment: float) -> list[Choice]:
        """A source as a whole went away or fell mute: what the next best last told of its instruments, if newer."""
        self._up_since.pop(source, None)
        affected = [each for each in self._instruments.values() if each.lead == source]
        return list(self._hand_over(affected, moment))

    def due(self, moment: float) -> list[Choice]:
        """Call now and then: hands over instruments on which the leading source has been behind for too long."""
        choices = list(self._hand_over([self._instruments[key] for key in self._suspects], moment))
        for key in list(self._suspects):
            self._watch(key, self._instruments[key])
        return choices

    def _remember(self, instrument: _Instrument, offered: Choice, moment: float) -> None:
        told = instrument.told.get(offered.source)
        if told is None:
            told = instrument.told[offered.source] = _Told(offered, steady_since=moment)
        told.choice = offered
        self._compare_counters(instrument, told)
        instrument.front = max(instrument.front, offered.tick.timestamp)
        for each in instrument.told.values():
            self._note_pace(each, instrument.front, moment)

    @staticmethod
    def _compare_counters(instrument: _Instrument, told: _Told) -> None:
        leader = instrument.told.get(instrument.lead)
        if leader is None or leader is told or instrument.volume is None or told.tick.volume is None:
            return
        # Only the same trade shows whether two counters count the same.
        if leader.tick.timestamp == told.tick.timestamp:
            told.gap = instrument.volume - told.tick.volume

    def _note_pace(self, told: _Told, front: datetime, moment: float) -> None:
        if front - told.tick.timestamp > self._terms.slack:
            if told.behind_since is None:
                told.behind_since = moment
        elif told.behind_since is not None:
            if moment - told.behind_since > self._terms.behind_after:
                told.steady_since = moment
            told.behind_since = None

    def _elect(self, instrument: _Instrument, moment: float) -> None:
        if self._may_lead(instrument, instrument.lead, moment):
            better = range(instrument.lead)
            found = next((each for each in better if self._is_steady(instrument, each, moment)), None)
        else:
            others = (each for each in sorted(instrument.told) if each != instrument.lead)
            found = next((each for each in others if self._may_lead(instrument, each, moment)), None)
        if found is not None:
            instrument.lead = found
            instrument.offset = self._offset(instrument, instrument.told[found])
            self.taken_over[found] += 1

    def _may_lead(self, instrument: _Instrument, source: int, moment: float) -> bool:
        told = instrument.told.get(source)
        if told is None or source not in self._up_since:
            return False
        return told.behind_since is None or moment - told.behind_since <= self._terms.behind_after

    def _is_steady(self, instrument: _Instrument, source: int, moment: float) -> bool:
        told = instrument.told.get(source)
        if told is None or told.behind_since is not None or source not in self._up_since:
            return False
        return moment - max(told.steady_since, self._up_since[source]) >= self._terms.steady_for

    def _offset(self, instrument: _Instrument, told: _Told) -> int:
        """What to add to the new leader's volume counter so that it goes on from the published one."""
        if instrument.volume is None or told.tick.volume is None:
            return 0
        tolerated = self._terms.counters_agree_within * instrument.volume
        if told.gap is not None:
            return told.gap if abs(told.gap) > tolerated else 0
        lacking = instrument.volume - told.tick.volume
        return lacking if lacking > tolerated else 0

    def _publish(self, instrument: _Instrument) -> Choice:
        choice = instrument.told[instrument.lead].choice
        counted = choice.tick.volume
        if counted is None:
            return choice
        instrument.volume = max(0, counted + instrument.offset)
        if instrument.volume == counted:
            return choice
        return replace(choice, tick=replace(choice.tick, volume=instrument.volume))

    def _hand_over(self, instruments: list[_Instrument], moment: float) -> Iterator[Choice]:
        for instrument in instruments:
            before = instrument.lead
            newest = instrument.told[before].tick.timestamp
            self._elect(instrument, moment)
            if instrument.lead != before and instrument.told[instrument.lead].tick.timestamp > newest:
                yield self._publish(instrument)

    def _watch(self, key: str, instrument: _Instrument) -> None:
        leader = instrument.told.get(instrument.lead)
        if leader is not None and leader.behind_since is not None:
            self._suspects[key] = None
        else:
            self._suspects.pop(key, None)
