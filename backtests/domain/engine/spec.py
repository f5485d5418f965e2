"""What is to be run: strategies on instruments, over a span, with a capital, under stated terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.errors import InvalidInput
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.minute_ticks import FEWEST_STEPS
from trading.orders.domain.slippage import SlippageModel
from trading.strategies.domain.host import Size
from trading.strategies.domain.strategy import Strategy


class Funds(StrEnum):
    """REAL: an order needs the margin or the money that it would need on an account. ENDLESS: no order is refused
    for want of funds, and equity may fall below nothing; for studying signals."""

    REAL = "REAL"
    ENDLESS = "ENDLESS"


class Charging(StrEnum):
    """RATES: brokerage by the plan and the levies of each day. NONE: trades cost their price and no more."""

    RATES = "RATES"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySpec:
    """One strategy of the run. Its class is built anew with `settings` for each run, so nothing is carried over.

    `name` tells it from the others, and its positions with it. Its orders are of `product` where it names none.
    `size` is what a strategy of signals trades.
    """

    strategy: type[Strategy]
    symbols: tuple[str, ...]
    interval: Interval
    product: Product
    settings: Mapping[str, object] = field(default_factory=dict)
    name: str = ""
    size: Size = Size()  # noqa: RUF009


@dataclass(frozen=True, slots=True, kw_only=True)
class Slippage:
    """What taking liquidity costs beyond the displayed price, instead of the venue's own terms."""

    model: SlippageModel = SlippageModel.NONE
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestSpec:
    """Everything that fixes a result; the same spec over the same data gives the same result to the paisa.

    Attributes:
        first, last: trading dates, both included.
        capital: rupees, shared by all strategies.
        base: the bars that the market is replayed from; strategies' own timeframes derive from them.
        steps: snapshots a base bar is replayed in: open, nearer extreme, other extreme, close, and between them.
        plan: brokerage plan by name.
        slippage: None leaves it to the venue's terms as the data tell them; so does `participation`, the share of
            displayed and traded units that the run's orders may have together, and `latency_ms`.
        square_off: whether INTRADAY positions are closed at the rule's time; without it they are carried.
        seed: for strategies that draw numbers (`ctx.random`) and for nothing else: the market is not random.
    """

    strategies: tuple[StrategySpec, ...]
    first: date
    last: date
    capital: Decimal
    base: Interval = Interval.M1
    steps: int = 4
    plan: str = ""
    charging: Charging = Charging.RATES
    funds: Funds = Funds.REAL
    slippage: Slippage | None = None
    participation: Decimal | None = None
    latency_ms: int | None = None
    square_off: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises InvalidInput: `no_strategies`, `same_name`, `span_inverted`, `capital_not_positive`,
        `too_few_steps`, `participation_invalid`."""
        names = [each.name for each in self.strategies]
        if not names:
            raise InvalidInput("There is no strategy to run.", code="no_strategies")
        if len(set(names)) < len(names):
            raise InvalidInput("Strategies of one run need different names.", code="same_name")
        if self.last < self.first:
            raise InvalidInput("The span ends before it begins.", code="span_inverted")
        if not self.capital.is_finite() or self.capital <= 0:
            raise InvalidInput("The capital must be more than nothing.", code="capital_not_positive")
        if self.steps < FEWEST_STEPS:
            raise InvalidInput(f"A bar is replayed in {FEWEST_STEPS} steps at least.", code="too_few_steps")
        if self.participation is not None and not 0 < self.participation <= 1:
            raise InvalidInput("Participation is a share above 0 and at most 1.", code="participation_invalid")
