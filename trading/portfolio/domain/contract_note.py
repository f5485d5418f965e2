"""A day's charges as a broker's contract note rounds them; what is posted is each fill's own, to the paisa.

STT is due on a scrip's whole turnover of the day and is rounded to the rupee for each scrip, half up (Income Tax
rule, as brokers print it). Every other line is summed exactly over the day and rounded to the paisa once. So a
note differs from the sum of its fills by rounding alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.money import PAISA
from trading.portfolio.domain.charges import Charges

RUPEE = Decimal(1)


@dataclass(frozen=True, slots=True)
class NoteEntry:
    """One trade of the day: its scrip, and its exact charges in rupees."""

    scrip: str
    charges: Charges


def contract_note(entries: Iterable[NoteEntry]) -> Charges:
    """The charge lines at the foot of a day's contract note, in rupees."""
    stt: defaultdict[str, Decimal] = defaultdict(Decimal)
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        stt[entry.scrip] += entry.charges.stt
        for name, amount in entry.charges.lines():
            totals[name] += amount
    rounded = {name: amount.quantize(PAISA, ROUND_HALF_UP) for name, amount in totals.items()}
    tax = sum((amount.quantize(RUPEE, ROUND_HALF_UP) for amount in stt.values()), Decimal(0)).quantize(PAISA)
    return Charges(**{**rounded, "stt": tax})
