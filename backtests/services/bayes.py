"""Combinations suggested by Optuna's tree-structured Parzen estimator, in the light of those that are known."""

from collections.abc import Mapping, Sequence

import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.trial import TrialState

from backtests.models import Cell

_LOOKS = 20
"""How many suggestions that were made before are let pass before the search counts as exhausted."""
Value = str | int | float | bool


class Suggestions:
    """The study is made anew from the stored cells, so a worker that takes over knows what its predecessor knew."""

    def __init__(self, axes: Mapping[str, Sequence[Value]], *, seed: int, known: Sequence[Cell]) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._axes = axes
        # By position: the values of an axis are ordered, and a choice's words are as good as numbers.
        self._space: dict[str, BaseDistribution] = {
            name: IntDistribution(0, len(values) - 1) for name, values in axes.items()
        }
        sampler = optuna.samplers.TPESampler(seed=seed + len(known), multivariate=True, constant_liar=True)
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._seen: set[tuple[int, ...]] = set()
        self.tell(known)

    def ask(self, count: int) -> list[dict[str, Value]]:
        """So many combinations that have not been tried, or fewer when it finds no more."""
        found: list[dict[str, Value]] = []
        misses = 0
        while len(found) < count and misses < _LOOKS * count:
            trial = self._study.ask(self._space)
            places = tuple(int(trial.params[name]) for name in self._axes)
            # What is asked is told back by `tell`, with its result; the trial itself was only the question.
            self._study.tell(trial, state=TrialState.FAIL)
            if places in self._seen:
                misses += 1
                continue
            self._seen.add(places)
            found.append(
                {name: values[place] for (name, values), place in zip(self._axes.items(), places, strict=True)}
            )
        return found

    def tell(self, cells: Sequence[Cell]) -> None:
        """What came of combinations."""
        for cell in cells:
            places = {name: list(values).index(cell.parameters[name]) for name, values in self._axes.items()}
            self._seen.add(tuple(places.values()))
            trial = optuna.trial.create_trial(
                params=places,
                distributions=dict(self._space),
                value=cell.score,
                state=TrialState.COMPLETE if cell.score is not None else TrialState.FAIL,
            )
            self._study.add_trial(trial)
