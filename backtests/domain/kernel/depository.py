"""What the depository takes for delivered shares that leave: once for each day on which some do."""

from dataclasses import dataclass

import numpy as np

from trading.marketdata.domain.bars import Int64Array

from .jit import compiled

FEE, SPARED = range(2)
"""Rows of the table, which has a column for each Indian day with bars."""
NO_DEPOSITORY = np.zeros((2, 0), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Depository:
    """Columns with a value for each Indian day that has bars, in order.

    `fee` is in paise, with its tax. `spared` is the place of the first day whose purchases had not arrived on this
    one and are sold free of it; its own place where those are charged too.
    """

    fee: Int64Array
    spared: Int64Array

    def table(self) -> Int64Array:
        """As the loop takes it."""
        return np.array([self.fee, self.spared], dtype=np.int64)


@compiled
def demat_fee(table: Int64Array, arriving: Int64Array, day: int, before: int, after: int) -> int:
    """Paise due at the end of a day that began with `before` units held and ends with `after`; `arriving` keeps
    what each day has bought more than sold.

    The rules are those of `portfolio.domain.deliveries`. A position of ours is sold whole and never added to, and a
    sale takes the day's own purchases first: so shares leave on the days that end with fewer than they began with,
    and all of them were still on their way unless more were held than are.
    """
    arriving[day] = max(after - before, 0)
    if after >= before:
        return 0
    return int(table[FEE, day]) if before > arriving[table[SPARED, day] : day].sum() else 0
