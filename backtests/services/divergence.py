"""A backtest of what a strategy's run went through, to put the two side by side."""

from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.models import Organisation
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Run
from backtests.selectors.divergence import backtest_of, span_of
from core import clock
from core.errors import Conflict
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.strategies.models import StrategyRun
from trading.strategies.selectors.runs import run_get, strategy_title

from .runs import backtest_start


@transaction.atomic
def divergence_start(*, actor: Actor, run_id: UUID) -> Run:
    """Queue a backtest of the days on which a run ran, with its strategy, settings, instruments and capital.

    One that is still at work is handed back instead, however many ask at once. Raises NotFound
    (`unknown_strategy_run`), Conflict (`run_not_started`), and whatever `backtest_start` raises.
    """
    run = run_get(actor, run_id)
    # As for every run that is begun: of two that ask at once the second waits, and finds the first's.
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)
    backtest = backtest_of(actor, run)
    if backtest is not None and backtest.is_live:
        return backtest
    backtest = backtest_start(actor=actor, terms=_terms(run))
    backtest.beside = run
    backtest.save(update_fields=["beside"])
    return backtest


def _terms(run: StrategyRun) -> RunTerms:
    span = span_of(run)
    if span is None:
        raise Conflict("It has not been started: there is nothing to compare.", code="run_not_started")
    return RunTerms(
        strategies=(
            StrategyTerms(
                key=run.strategy,
                symbols=tuple(run.symbols),
                interval=Interval(run.interval),
                parameters=run.parameters,
                product=Product(run.product),
            ),
        ),
        first=clock.trading_date(span.began),
        last=clock.trading_date(span.ended),
        capital_paise=run.capital_paise,
        plan=run.account.brokerage_plan,
        # Everybody in the organisation sees backtests, and not everybody the account: the run's name stays out.
        name=f"{strategy_title(run)} beside its run",
    )
