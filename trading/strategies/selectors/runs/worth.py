"""What a run is worth, minute by minute, and what it holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core import clock
from core.money import from_paise
from trading.portfolio.models import Position
from trading.portfolio.selectors import MarkedPosition, marked_positions
from trading.strategies.models import RunMark, StrategyRun

MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class RunWorth:
    """`curve` is (time, equity in rupees), ascending and thinned out to what a chart can show: what was made by
    then on top of the capital of now, for a changed capital is neither profit nor loss."""

    equity: Decimal
    net: Decimal
    net_day: Decimal
    charges: Decimal
    curve: tuple[tuple[datetime, Decimal], ...]
    positions: tuple[MarkedPosition, ...]

    @property
    def low(self) -> Decimal:
        return min((value for _, value in self.curve), default=self.equity)

    @property
    def high(self) -> Decimal:
        return max((value for _, value in self.curve), default=self.equity)

    @property
    def points(self) -> str:
        """The curve as an SVG polyline in a box of 1000 by 200, time from left to right."""
        if len(self.curve) < 2:
            return ""
        spread = self.high - self.low
        if not spread:
            return "0,100 1000,100"
        last = len(self.curve) - 1
        return " ".join(
            f"{place * 1000 / last:.1f},{195 - float((value - self.low) / spread) * 190:.1f}"
            for place, (_, value) in enumerate(self.curve)
        )


def run_worth(run: StrategyRun) -> RunWorth:
    """Where the run stands, with its minutes and what it holds."""
    marks = list(RunMark.objects.filter(run_id=run.id).order_by("at").values_list("at", "net_paise"))
    step = max(len(marks) // MOST_POINTS, 1)
    kept = marks[::step] if not marks or (len(marks) - 1) % step == 0 else [*marks[::step], marks[-1]]
    held = [each for each in marked_positions(account_ids=[run.account_id]) if each.strategy == run.name]
    charges = sum(
        Position.objects.filter(account_id=run.account_id, strategy=run.name).values_list(
            "charges_paise", flat=True
        )
    )
    equity = run.capital + from_paise(run.net_paise)
    now = [(clock.now(), run.net_paise)] if kept else []
    return RunWorth(
        equity=equity,
        net=from_paise(run.net_paise),
        net_day=from_paise(run.net_day_paise),
        charges=from_paise(charges),
        curve=tuple((at, run.capital + from_paise(net)) for at, net in [*kept, *now]),
        positions=tuple(held),
    )
