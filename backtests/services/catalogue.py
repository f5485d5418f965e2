"""Every strategy of the house, with its defaults, on whatever the database has: what is run on what, and how it is
told. Nothing is chosen by how it came out."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from accounts.domain.actor import Actor
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Run, RunSeries
from backtests.selectors.grounds import Ground, grounds
from backtests.selectors.results import series_get
from trading.instruments.domain.contract_cycles import ERAS
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import DailyBar
from trading.strategies.domain import Kind, Strategy

from .runs import backtest_start
from .work import run_work

MOST_IN_UNIVERSE = 20
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One strategy on one ground."""

    strategy: type[Strategy]
    symbols: tuple[str, ...]
    interval: Interval
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class TrialResult:
    """A trial's run, its orders by state."""

    trial: Trial
    run: Run
    orders: int
    refused: int


def trials(
    strategies: Sequence[type[Strategy]], *, instruments: int, first: date = date.min, last: date = date.max
) -> Iterator[Trial]:
    """What the house's strategies are tried on.

    Strategies of one instrument run on each of the `instruments` most traded shares of every span of minutes (in
    bars of five) and of days, as far as they know those timeframes; those of several on up to 20, a pair on the two
    whose daily moves were most alike; options on the indices with dated contract rules, and those that know daily
    bars on shares with contracts of their own too. Spans are cut to `first` and `last`, both included.
    """
    minutes, days = (
        [
            replace(each, first=max(each.first, first), last=min(each.last, last))
            for each in grounds(base)
            if each.first <= last and each.last >= first
        ]
        for base in (Interval.M1, Interval.D1)
    )
    for strategy in strategies:
        if strategy.kind is Kind.OPTIONS:
            yield from _on_options(strategy, minutes, days, instruments)
        else:
            yield from _on_shares(strategy, minutes, days, instruments)


def trial_run(trial: Trial, *, actor: Actor, capital_paise: int) -> TrialResult:
    """Ask for it as a member would, and do a worker's work on it. Raises InvalidInput as `backtest_start` does."""
    terms = StrategyTerms(key=trial.strategy.key, symbols=trial.symbols, interval=trial.interval)
    run = backtest_start(
        actor=actor,
        terms=RunTerms(
            strategies=(terms,),
            first=trial.first,
            last=trial.last,
            capital_paise=capital_paise,
            name=f"Catalogue: {trial.strategy.title} on {_named(trial.symbols)} {trial.interval}",
        ),
    )
    while run.is_live:
        # Perhaps a worker of the installation has it, or the organisation's quota is busy.
        run_work(run.pk)
        run.refresh_from_db()
        if run.is_live:
            time.sleep(_LOOK_AGAIN_SECONDS)
    states = series_get(run, RunSeries.Name.ORDERS).get("status", np.array([], dtype="U1"))
    return TrialResult(trial, run, len(states), int((states == "REJECTED").sum()))


def _on_shares(
    strategy: type[Strategy], minutes: Sequence[Ground], days: Sequence[Ground], instruments: int
) -> Iterator[Trial]:
    least, most = strategy.symbols_wanted
    wants_universe = most > least
    for ground, interval in (*((each, Interval.M5) for each in minutes), *((each, Interval.D1) for each in days)):
        if interval not in strategy.intervals or len(ground.shares) < least:
            continue
        if strategy.kind is Kind.PAIRS:
            # Shares cannot be held short overnight, so pairs of them are for minutes.
            groups = [_most_alike(ground)] if interval is Interval.M5 else []
        elif wants_universe:
            groups = [ground.shares[: min(most, MOST_IN_UNIVERSE)]]
        else:
            groups = [(each,) for each in ground.shares[:instruments]]
        for group in groups:
            yield _trial(strategy, group, interval, ground)


def _on_options(
    strategy: type[Strategy], minutes: Sequence[Ground], days: Sequence[Ground], instruments: int
) -> Iterator[Trial]:
    for ground in minutes:
        known = sorted(
            (each for each in ground.indices if each.symbol in ERAS), key=lambda each: list(ERAS).index(each.symbol)
        )
        for index in known[:instruments]:
            yield _trial(strategy, (index,), Interval.M5, ground)
    if Interval.D1 in strategy.intervals:
        for ground in days:
            listed = [each for each in ground.shares if each.has_derivatives]
            for share in listed[:instruments]:
                yield _trial(strategy, (share,), Interval.D1, ground)


def _trial(
    strategy: type[Strategy], instruments: Sequence[Instrument], interval: Interval, ground: Ground
) -> Trial:
    return Trial(strategy, tuple(each.key for each in instruments), interval, ground.first, ground.last)


def _most_alike(ground: Ground) -> tuple[Instrument, ...]:
    """The two shares of a ground whose daily moves were most correlated over it, in the order of their keys."""
    shares = ground.shares[:MOST_IN_UNIVERSE]
    rows = DailyBar.objects.filter(instrument__in=shares, date__range=(ground.first, ground.last))
    closes: dict[int, dict[date, float]] = {each.pk: {} for each in shares}
    for pk, day, close in rows.values_list("instrument_id", "date", "close"):
        closes[pk][day] = float(close)
    common = sorted(set.intersection(*(set(each) for each in closes.values())))
    if len(common) < 3:
        return tuple(shares[:2])
    moves = np.diff(np.log([[closes[each.pk][day] for day in common] for each in shares]), axis=1)
    alike = np.triu(np.corrcoef(moves), k=1)
    first, second = np.unravel_index(int(np.argmax(alike)), alike.shape)
    return tuple(sorted((shares[int(first)], shares[int(second)]), key=lambda each: each.key))


def _named(symbols: Sequence[str]) -> str:
    first = symbols[0].partition(":")[2]
    return first if len(symbols) == 1 else f"{first} and {len(symbols) - 1} more"
