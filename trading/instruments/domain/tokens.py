"""What a broker's token meant over time. Tokens are reused after an expiry, so their history is a list of spans."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """A token names `instrument_id` from `valid_from` to `valid_to` (both included, None: until further notice)."""

    instrument_id: int
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, on: date) -> bool:
        """Whether the span covers the date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def token_assigned(spans: Sequence[TokenSpan], instrument_id: int, on: date) -> list[TokenSpan]:
    """The history after learning that on a date the token named an instrument.

    `spans` is the history so far, in order, without overlaps; so is the answer. What was learnt of other
    dates stays, but the instrument known before `on` ends the day before it. Learning the same again
    changes nothing.
    """
    before = [span for span in spans if span.valid_from < on]
    after = [span for span in spans if span.valid_from > on]
    covering = next((span for span in spans if span.holds_on(on)), None)
    if covering is not None and covering.instrument_id == instrument_id:
        return list(spans)
    if after and after[0].instrument_id == instrument_id:
        learnt, after = replace(after[0], valid_from=on), after[1:]
    else:
        learnt = TokenSpan(instrument_id, on, after[0].valid_from - _DAY if after else None)
    if before and before[-1].holds_on(on):
        before[-1] = replace(before[-1], valid_to=on - _DAY)
    return [*before, learnt, *after]
