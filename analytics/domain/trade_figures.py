"""What a list of finished trades amounts to. Money in paise, net of charges unless a name says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import groupby


@dataclass(frozen=True, slots=True)
class TradeFigures:
    """Figures of trades in the order in which they were closed. None where there is nothing to divide by."""

    trades: int
    wins: int
    losses: int
    won_paise: int
    lost_paise: int
    best_paise: int
    worst_paise: int
    longest_wins: int
    longest_losses: int
    mean_held: timedelta | None

    @property
    def net_paise(self) -> int:
        """All trades together; `lost_paise` is positive."""
        return self.won_paise - self.lost_paise

    @property
    def win_rate(self) -> Fraction | None:
        """Winning trades by all; one that ended where it began counts as neither won nor lost."""
        return Fraction(self.wins, self.trades) if self.trades else None

    @property
    def profit_factor(self) -> Fraction | None:
        """What was won by what was lost."""
        return Fraction(self.won_paise, self.lost_paise) if self.lost_paise else None

    @property
    def payoff(self) -> Fraction | None:
        """The mean win by the mean loss."""
        if not self.wins or not self.lost_paise:
            return None
        return Fraction(self.won_paise, self.wins) / Fraction(self.lost_paise, self.losses)

    @property
    def expectancy_paise(self) -> Fraction | None:
        """What a trade brought on average."""
        return Fraction(self.net_paise, self.trades) if self.trades else None


def trade_figures(net_paise: Sequence[int], held: Sequence[timedelta] = ()) -> TradeFigures:
    """Figures of trades by their net results, in order of closing, and how long each was held."""
    wins = [each for each in net_paise if each > 0]
    losses = [-each for each in net_paise if each < 0]
    streaks = [(sign, len(list(run))) for sign, run in groupby((each > 0) - (each < 0) for each in net_paise)]
    return TradeFigures(
        trades=len(net_paise),
        wins=len(wins),
        losses=len(losses),
        won_paise=sum(wins),
        lost_paise=sum(losses),
        best_paise=max(net_paise, default=0),
        worst_paise=min(net_paise, default=0),
        longest_wins=max((length for sign, length in streaks if sign > 0), default=0),
        longest_losses=max((length for sign, length in streaks if sign < 0), default=0),
        mean_held=sum(held, timedelta()) / len(held) if held else None,
    )
