"""Worth by day, and what was paid in and out: the series that figures of return are taken from."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .returns import FloatArray, time_weighted

PaiseArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EquitySeries:
    """Worth at the end of each of `days` (ascending), in whole paise.

    `flows_paise[i]` was paid in on that day (out: negative) and works from its beginning; `opening_paise` is the
    worth before the first day. A backtest has its capital there and no flows.
    """

    days: tuple[date, ...]
    worth_paise: PaiseArray
    flows_paise: PaiseArray
    opening_paise: int = 0

    def __post_init__(self) -> None:
        if not len(self.days) == len(self.worth_paise) == len(self.flows_paise):
            raise ValueError("days, worth and flows differ in length")
        if any(later <= earlier for earlier, later in zip(self.days, self.days[1:], strict=False)):
            raise ValueError("days do not ascend")

    @property
    def returns(self) -> FloatArray:
        """The time-weighted return of each day; the one place where paise become floats."""
        worth = np.concatenate(([self.opening_paise], self.worth_paise)).astype(np.float64)
        return time_weighted(worth, np.concatenate(([0], self.flows_paise)).astype(np.float64))

    @property
    def gains_paise(self) -> PaiseArray:
        """What each day brought, without what was paid in or out."""
        before = np.concatenate((np.array([self.opening_paise], dtype=np.int64), self.worth_paise[:-1]))
        return np.asarray((self.worth_paise - before - self.flows_paise)[: len(self.days)], dtype=np.int64)

    def cash_flows(self) -> tuple[list[date], list[float]]:
        """Dates and amounts as the investor sees them, for the money-weighted rate; the last is the final worth."""
        if not self.days:
            return [], []
        dates, amounts = [self.days[0]], [-float(self.opening_paise)]
        for day, flow in zip(self.days, self.flows_paise.tolist(), strict=True):
            if flow:
                dates.append(day)
                amounts.append(-float(flow))
        return [*dates, self.days[-1]], [*amounts, float(self.worth_paise[-1])]


def constant_capital(days: tuple[date, ...], worth_paise: PaiseArray, capital_paise: int) -> EquitySeries:
    """The series of a backtest: a capital that is there before the first day, and nothing paid in or out."""
    return EquitySeries(days, worth_paise, np.zeros(len(days), dtype=np.int64), capital_paise)
