"""A run's rows as the engine takes them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from backtests.domain.engine import BacktestSpec, Charging, Funds, Slippage, StrategySpec
from backtests.models import Run, RunStrategy
from core.money import from_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel

from .strategies import strategy_ran


def spec_of(run: Run) -> BacktestSpec:
    """Raises InvalidInput where a strategy or its settings are no more what they were."""
    return BacktestSpec(
        strategies=tuple(_strategy(row) for row in run.strategies.all()),
        first=run.first,
        last=run.last,
        capital=from_paise(run.capital_paise),
        base=Interval(run.base),
        plan=run.plan,
        charging=Charging(run.charging),
        funds=Funds(run.funds),
        slippage=Slippage(model=SlippageModel(run.slippage_model), value=run.slippage_value)
        if run.slippage_model
        else None,
        square_off=run.square_off,
        seed=run.seed,
    )


def spec_with(
    spec: BacktestSpec, parameters: Mapping[str, Any], *, first: date | None = None, last: date | None = None
) -> BacktestSpec:
    """The same run with other settings of its only strategy, and perhaps over another span."""
    only = spec.strategies[0]
    return replace(
        spec,
        strategies=(replace(only, settings={**only.settings, **parameters}),),
        first=first or spec.first,
        last=last or spec.last,
    )


def _strategy(row: RunStrategy) -> StrategySpec:
    return StrategySpec(
        strategy=strategy_ran(row),
        symbols=tuple(row.symbols),
        interval=Interval(row.interval),
        product=Product(row.product),
        settings=row.parameters,
        name=row.label,
    )
