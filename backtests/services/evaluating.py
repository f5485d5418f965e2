"""What a combination comes to: by the compiled kernel where a strategy is signals on one instrument, else by the
engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backtests.domain.engine import BacktestSpec, Ending, Funds, MarketData, run
from backtests.domain.figures import figure_columns, known, report_of
from backtests.domain.kernel import sweep
from backtests.models import Search
from backtests.selectors.specs import spec_with
from backtests.selectors.stored import closes_by_auction
from core.errors import SaudaError
from core.money import to_paise
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel
from trading.strategies.domain import SignalStrategy, Strategy

from .backtest_work import Watch
from .kernel_market import TradedMarket, most_history, terms_of
from .leases import Superseded
from .results import outcome_of

Objective = Search.Objective
_NEVER = np.iinfo(np.int64).max
_EPOCH = date(1970, 1, 1)
_SCORES = {
    Objective.SHARPE: "sharpe",
    Objective.SORTINO: "sortino",
    Objective.CALMAR: "calmar",
    Objective.NET: "net_paise",
    Objective.PROFIT_FACTOR: "profit_factor",
}
# The kernel's names of what the columns of `models.Figures` hold.
_MONEY = {
    "final_paise": "final_equity",
    "net_paise": "net_profit",
    "charges_paise": "charges",
    "best_paise": "best_trade",
    "worst_paise": "worst_trade",
}
_RATIOS = {
    "cagr": "annual_return",
    "expectancy_paise": "expectancy",
    **{
        name: name
        for name in (
            "total_return",
            "volatility",
            "sharpe",
            "sortino",
            "calmar",
            "max_drawdown",
            "win_rate",
            "profit_factor",
            "payoff",
            "exposure",
            "turnover",
        )
    },
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One combination's figures by column, the moments of its daily returns, and these; `detail` says why it has
    none."""

    values: Mapping[str, Any]
    detail: str = ""
    returns: NDArray[np.float64] | None = None


class Evaluator(Protocol):
    """Tries combinations of one strategy over one span."""

    at_once: int
    """How many make a chunk that is over in a few seconds."""

    def try_each(self, cells: Sequence[Mapping[str, Any]], watch: Watch) -> list[Tried]:
        """In the order of the cells. Raises Superseded."""
        ...


def score_of(objective: Objective, values: Mapping[str, Any]) -> float | None:
    """What a search makes as large as it can; None where the figure has no meaning, or without a trade."""
    found = values.get(_SCORES[objective])
    return None if found is None or not values.get("trades") else float(found)


def evaluator_for(spec: BacktestSpec, data: MarketData) -> Evaluator:
    """The kernel where the strategy and the terms allow it, else the engine."""
    only = spec.strategies[0]
    fits = fits_kernel(
        only.strategy,
        [instrument_get(symbol) for symbol in only.symbols],
        slippage=spec.slippage.model if spec.slippage else None,
        funds=spec.funds,
        interval=only.interval,
        is_squared=spec.square_off and only.product is Product.INTRADAY,
        last=spec.last,
    )
    return _KernelEvaluator(spec, data) if fits else _EngineEvaluator(spec, data)


def fits_kernel(
    strategy: type[Strategy],
    instruments: Sequence[Instrument],
    *,
    slippage: SlippageModel | None,
    funds: Funds,
    interval: Interval,
    is_squared: bool,
    last: date,
) -> bool:
    """Signals on one instrument, with slippage in ticks or none of its own, and no order that goes into a closing
    auction, which the kernel does not hold: what is decided at the end of continuous trading does, unless positions
    are squared off before it or bars are whole days."""
    has_ticks = slippage in (None, SlippageModel.NONE, SlippageModel.TICKS)
    if (
        not issubclass(strategy, SignalStrategy)
        or len(instruments) != 1
        or not has_ticks
        or funds is not Funds.REAL
    ):
        return False
    return is_squared or interval in (Interval.D1, Interval.W1) or not closes_by_auction(instruments[0], last)


class _EngineEvaluator:
    at_once = 1

    def __init__(self, spec: BacktestSpec, data: MarketData) -> None:
        self._spec, self._data = spec, data

    def try_each(self, cells: Sequence[Mapping[str, Any]], watch: Watch) -> list[Tried]:
        return [self._try(cell, watch) for cell in cells]

    def _try(self, cell: Mapping[str, Any], watch: Watch) -> Tried:
        try:
            result = run(spec_with(self._spec, cell), self._data, cancelled=watch.cancelled)
        except SaudaError as error:
            return Tried({}, error.detail[:200])
        if watch.is_superseded:
            raise Superseded
        if result.ending is not Ending.FINISHED:
            return Tried({}, result.reason[:200])
        report = report_of(outcome_of(result, "", None))
        growth = np.concatenate(([1.0], report.curve.growth))
        returns = np.diff(growth) / growth[:-1]
        return Tried(
            figure_columns(report, orders=len(result.orders), bars=result.bars) | _moments(returns),
            returns=returns,
        )


def _moments(returns: Any) -> dict[str, Any]:
    deviation = float(returns.std()) if len(returns) > 1 else 0.0
    if not deviation:
        return {"days": len(returns)}
    standard = (returns - returns.mean()) / deviation
    return {
        "days": len(returns),
        "skew": known(float((standard**3).mean())),
        "kurtosis": known(float((standard**4).mean())),
    }


class _KernelEvaluator:
    at_once = 250

    def __init__(self, spec: BacktestSpec, data: MarketData) -> None:
        self._only = spec.strategies[0]
        self._traded = TradedMarket(spec, data)
        self._terms = terms_of(spec, data)

    def try_each(self, cells: Sequence[Mapping[str, Any]], watch: Watch) -> list[Tried]:
        fixed = self._only.settings
        full = [{**fixed, **cell} for cell in cells]
        strategy: Any = self._only.strategy
        market = self._traded.market(most_history(strategy, full))
        found = sweep(strategy, full, market, self._terms, daily=True, cancelled=watch.cancelled)
        if watch.is_superseded:
            raise Superseded
        return [
            Tried({}, found.refused[place][:200])
            if place in found.refused
            else Tried(
                self._values(found.figures.of(place), market.told), returns=self._returns(found.daily[place])
            )
            for place in range(len(cells))
        ]

    def _returns(self, daily: NDArray[np.int64]) -> NDArray[np.float64]:
        """Daily returns from the capital on; none on what is lost altogether."""
        worth = np.concatenate(([float(to_paise(self._terms.capital))], daily))
        return np.divide(np.diff(worth), worth[:-1], out=np.zeros(len(daily)), where=worth[:-1] > 0)

    @staticmethod
    def _values(figures: Mapping[str, float], bars: int) -> dict[str, Any]:
        money = {
            name: round(figures[other]) if known(figures[other]) is not None else None
            for name, other in _MONEY.items()
        }
        return {
            **money,
            **{name: known(figures[other]) for name, other in _RATIOS.items()},
            "trades": int(figures["trades"]),
            "bars": bars,
            "skew": known(figures["skew"]),
            "kurtosis": known(figures["kurtosis"]),
            "days": int(figures["days"]),
            "outsized_orders": int(figures["outsized"]),
        }
