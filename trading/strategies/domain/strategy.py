"""A strategy: what it is called, what can be set, and what it does when something happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.indicators.bars import Bars, FloatArray
from trading.marketdata.domain.indicators.parameters import Parameter, Value, read_all
from trading.marketdata.domain.quote import Quote

from .context import Context
from .lines import Line
from .market import Bar, Fill, OrderView
from .settings import Setting


class Kind(StrEnum):
    """Families of strategies, as the catalogue shows them."""

    TREND = "trend"
    REVERSION = "reversion"
    BREAKOUT = "breakout"
    MOMENTUM = "momentum"
    PAIRS = "pairs"
    INVESTING = "investing"
    OPTIONS = "options"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Doc:
    """What a trader should know before running it: idea, rules, and when it fails; a paragraph each."""

    idea: str
    rules: str
    fails_when: str


class Setup(Protocol):
    """Where a strategy declares what it needs, before the first bar.

    `symbols` are those the run was given, `interval` its timeframe. All that is declared is warmed up before
    `on_start`.
    """

    symbols: tuple[str, ...]
    interval: Interval

    def timeframe(self, interval: Interval, symbol: str | None = None) -> None:
        """Have `on_bar` called for another timeframe too; of one symbol, or of all."""
        ...

    def instrument(self, symbol: str) -> None:
        """Have another instrument's bars and prices."""
        ...

    def indicator(
        self,
        name: str,
        *,
        symbol: str | None = None,
        interval: Interval | None = None,
        output: str | None = None,
        **parameters: Any,
    ) -> Line:
        """A line of the indicator registry; `output` where it has several (the first by default).

        Raises InvalidInput or NotFound as the registry does.
        """
        ...

    def ticks(self) -> None:
        """Have `on_tick` called for every price."""
        ...

    def warm_up(self, bars: int) -> None:
        """Have at least so many bars before the first `on_bar`, beyond what the indicators ask for."""
        ...


class Strategy:
    """Subclass it, name it, declare settings, and write the hooks that matter. Hooks run one after another, never
    at once, in the order of market time.

    Attributes:
        key: unique, as in addresses; `title` for people.
        intervals: timeframes it is meant for; `symbols_wanted` how many instruments it takes at least and at most.
        values: the settings as read.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    kind: ClassVar[Kind] = Kind.CUSTOM
    doc: ClassVar[Doc] = Doc("", "", "")
    intervals: ClassVar[tuple[Interval, ...]] = (Interval.M5, Interval.M15, Interval.H1, Interval.D1)
    symbols_wanted: ClassVar[tuple[int, int]] = (1, 1)
    # Django's templates call what can be called: every mention of a class on a page made one, and of a strategy of
    # a member's own each began a process.
    do_not_call_in_templates: ClassVar[bool] = True

    def __init__(self, **given: object) -> None:
        """Raises InvalidInput: `parameter_unknown`, `parameter_invalid`, `parameter_out_of_bounds`,
        `parameters_conflict`."""
        self.values: Mapping[str, Value] = read_all(self.parameters(), given)
        if (reason := self.conflict()) is not None:
            raise InvalidInput(reason, code="parameters_conflict", errors={"parameters": [reason]})

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """The declared settings, base classes first, in the order of declaration."""
        found: dict[str, Parameter] = {}
        for base in reversed(cls.__mro__):
            for name, attribute in vars(base).items():
                if isinstance(attribute, Setting):
                    found[name] = attribute.parameter
        return tuple(found.values())

    def conflict(self) -> str | None:
        """Why settings that are good one by one do not go together, if they do not."""
        return None

    def setup(self, setup: Setup) -> None:
        """Declare instruments, timeframes and indicators."""

    def on_start(self, ctx: Context) -> None:
        """Once, after the warm-up and before the first hook; again after a restart of a live run."""

    def on_session(self, ctx: Context) -> None:
        """When a trading session opens, before its first bar."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """When a bar of a declared instrument and timeframe has closed."""

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        """After `on_bar` of all that closed together: the bars of the run's own timeframe by symbol."""

    def on_tick(self, ctx: Context, quote: Quote) -> None:
        """On every price of a declared instrument, if `setup.ticks()` asked for it."""

    def on_time(self, ctx: Context, name: str) -> None:
        """When a time that was asked for by `ctx.at` has come."""

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        """After one of the strategy's orders has traded."""

    def on_order(self, ctx: Context, order: OrderView) -> None:
        """After one of its orders was refused, cancelled or has expired."""

    def on_session_end(self, ctx: Context) -> None:
        """After the session's last bar, before what must be flat is squared off."""


Signals = NDArray[np.int8]


class SignalStrategy(Strategy):
    """A strategy on one instrument that is nothing but a wanted side for every bar.

    A backtest computes all signals at once and trades them in a compiled kernel; paper and live evaluate the
    same function bar by bar. So `signals` must be causal: its value at a bar may not depend on later bars.
    """

    def lines(self) -> Mapping[str, tuple[str, Mapping[str, Value]]]:
        """The indicators it reads: its own name for each, the registry's name, the parameters."""
        return {}

    def signals(self, bars: Bars, lines: Mapping[str, Mapping[str, FloatArray]]) -> Signals:
        """The side wanted after each bar: 1 long, -1 short, 0 flat, as int8 of the bars' length.

        `lines` holds for each name of `lines()` the indicator's outputs over the same bars.
        """
        raise NotImplementedError
