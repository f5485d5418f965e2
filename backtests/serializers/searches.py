"""What a sweep or a walk-forward is asked with, and how it is told."""

from typing import Any

from rest_framework import serializers

from backtests.domain.search_terms import SearchTerms
from backtests.models import Cell, Search

from .results import RowsQuery
from .runs import MetricsSerializer, RunInput, RunSerializer

MOST_AXES = 10
MOST_COUNT = 100_000
MOST_DAYS = 10_000


class AxesField(serializers.JSONField):
    """Settings to vary, by name: a list of values, or `{"from", "to", "step"}` for numbers."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Shape only; what fits a setting the strategy says."""
        value: Any = super().to_internal_value(data)
        if not isinstance(value, dict) or not 1 <= len(value) <= MOST_AXES:
            raise serializers.ValidationError(f"Must be an object of 1 to {MOST_AXES} settings.")
        return value


class SweepInput(RunInput):
    """A sweep: the run's terms, and what is varied."""

    axes = AxesField()
    method = serializers.ChoiceField(choices=Search.Method.values, default=Search.Method.GRID.value)
    objective = serializers.ChoiceField(choices=Search.Objective.values, default=Search.Objective.SHARPE.value)
    count = serializers.IntegerField(
        default=100,
        min_value=1,
        max_value=MOST_COUNT,
        help_text="combinations, at random or by Bayes; a grid tries all",
    )

    def search_terms(self, values: dict[str, Any]) -> SearchTerms:
        """As the services take them."""
        return SearchTerms(
            axes=values["axes"],
            method=values["method"],
            objective=values["objective"],
            count=values["count"],
            mode=values.get("mode", Search.Mode.NONE.value),
            in_sample=values.get("in_sample_days", 0),
            out_of_sample=values.get("out_of_sample_days", 0),
        )


class WalkForwardInput(SweepInput):
    """A walk-forward: a sweep in sample, its best out of sample, over and over."""

    method = serializers.ChoiceField(
        choices=[Search.Method.GRID.value, Search.Method.RANDOM.value], default=Search.Method.GRID.value
    )
    mode = serializers.ChoiceField(
        choices=[Search.Mode.ANCHORED.value, Search.Mode.ROLLING.value], default=Search.Mode.ROLLING.value
    )
    in_sample_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, help_text="trading days")
    out_of_sample_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, help_text="trading days")


class CellsQuery(RowsQuery):
    """Which combinations, in which order."""

    order = serializers.CharField(
        required=False,
        default="-score",
        max_length=80,
        help_text="a figure of `metrics`, `score`, `number`, `parameters.<name>`; with a hyphen the largest first",
    )
    where = serializers.CharField(
        required=False,
        default="",
        max_length=500,
        help_text="comparisons parted by commas: `sharpe>=1,trades>30,parameters.fast=9`",
    )
    status = serializers.CharField(required=False, help_text=f"one or several of {', '.join(Cell.Status.values)}")
    window = serializers.IntegerField(required=False, default=0, min_value=0, max_value=1_000)


class CellSerializer(serializers.Serializer[Any]):
    """One combination: what differs from the run's settings, the objective, the figures."""

    number = serializers.IntegerField()
    window = serializers.IntegerField()
    parameters = serializers.DictField()
    status = serializers.ChoiceField(choices=Cell.Status.values)
    score = serializers.FloatField(allow_null=True)
    detail = serializers.CharField(allow_blank=True, help_text="why it has no figures")
    outsized_orders = serializers.IntegerField(
        allow_null=True,
        help_text="orders larger than the book of their minute: without any the combination comes to the same when"
        " it is run alone; null where the compiled kernel did not try it",
    )
    metrics = MetricsSerializer(allow_null=True)


class CellsSerializer(serializers.Serializer[Any]):
    """A page of combinations."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    results = CellSerializer(many=True)


class SearchSerializer(serializers.Serializer[Any]):
    """What is looked for, and how much of the best is luck."""

    method = serializers.ChoiceField(choices=Search.Method.values)
    objective = serializers.ChoiceField(choices=Search.Objective.values)
    axes = serializers.DictField(child=serializers.ListField())
    cells = serializers.IntegerField(help_text="combinations, in each window")
    deflated_sharpe = serializers.FloatField(
        allow_null=True, help_text="chance that the best Sharpe is more than luck over so many trials"
    )
    expected_best_sharpe = serializers.FloatField(
        allow_null=True, help_text="a year, of the best of as many worthless combinations"
    )
    trials = serializers.IntegerField(allow_null=True, help_text="combinations that came to an end")
    effective_trials = serializers.FloatField(
        allow_null=True, help_text="independent trials that these amount to, by the correlation of their returns"
    )
    deflated_sharpe_effective = serializers.FloatField(
        allow_null=True, help_text="the deflated Sharpe ratio over the effective trials alone: the bolder side"
    )
    overfitting_probability = serializers.FloatField(
        allow_null=True,
        help_text="chance that the best in sample is below the median out of sample, by combinatorially symmetric"
        " cross-validation",
    )
    overfitting_loss = serializers.FloatField(
        allow_null=True, help_text="chance that the best in sample has a negative Sharpe ratio out of sample"
    )
    overfitting_splits = serializers.IntegerField(allow_null=True, help_text="halvings that were counted")
    warning = serializers.CharField(allow_null=True, help_text="what over-fitting makes likely, in words")


class SweepSerializer(RunSerializer):
    """A sweep; `metrics` are the best combination's."""

    search = SearchSerializer()
    best = CellSerializer(allow_null=True)


class WindowSerializer(serializers.Serializer[Any]):
    """One step: chosen in sample, tried out of sample (the metrics)."""

    number = serializers.IntegerField()
    in_first = serializers.DateField()
    in_last = serializers.DateField()
    out_first = serializers.DateField()
    out_last = serializers.DateField()
    chosen = serializers.DictField(allow_null=True)
    in_sample_score = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    is_done = serializers.BooleanField()
    detail = serializers.CharField(allow_blank=True)
    metrics = MetricsSerializer(allow_null=True)


class WalkForwardSerializer(RunSerializer):
    """A walk-forward; `metrics` are those of all tests in a row."""

    search = SearchSerializer()
    mode = serializers.ChoiceField(choices=Search.Mode.values)
    in_sample_days = serializers.IntegerField()
    out_of_sample_days = serializers.IntegerField()
    efficiency = serializers.FloatField(
        allow_null=True, help_text="what of the annual return in sample was left out of sample"
    )
    windows = WindowSerializer(many=True)
