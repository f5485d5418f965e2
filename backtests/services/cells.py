"""A combination of a sweep, run for itself."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from backtests.domain.engine import Charging, Funds
from backtests.domain.sweeps import MOST_CELLS
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Cell, Run
from backtests.selectors.runs import run_get
from core.errors import NotFound
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel

from .runs import backtest_start


@transaction.atomic
def cell_start(*, actor: Actor, run_id: UUID, number: int) -> Run:
    """Queue a backtest on a sweep's own terms and its text of the strategy, with the settings of one of its
    combinations. Raises NotFound, and whatever `backtest_start` raises."""
    sweep = run_get(actor, run_id, Run.Kind.SWEEP)
    cell: Cell | None = sweep.cells.filter(window=0, number=number).first() if number < MOST_CELLS else None
    if cell is None:
        raise NotFound("There is no such combination.")
    return backtest_start(actor=actor, terms=_terms(sweep, cell))


def _terms(sweep: Run, cell: Cell) -> RunTerms:
    only = sweep.strategies.all()[0]
    settings = ", ".join(f"{name} {value}" for name, value in cell.parameters.items())
    return RunTerms(
        strategies=(
            StrategyTerms(
                key=only.key,
                symbols=tuple(only.symbols),
                interval=Interval(only.interval),
                parameters={**only.parameters, **cell.parameters},
                product=Product(only.product),
            ),
        ),
        first=sweep.first,
        last=sweep.last,
        capital_paise=sweep.capital_paise,
        plan=sweep.plan,
        charging=Charging(sweep.charging),
        funds=Funds(sweep.funds),
        slippage_model=SlippageModel(sweep.slippage_model) if sweep.slippage_model else None,
        slippage_value=sweep.slippage_value,
        square_off=sweep.square_off,
        seed=sweep.seed,
        benchmark=sweep.benchmark,
        name=f"{sweep.name}: {settings}"[:120],
    )
