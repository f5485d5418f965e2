"""What a sweep or a walk-forward looks for, and each thing it has tried."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.tenancy import OrganisationOwned

from .figures import Figures
from .run import Run


class Search(OrganisationOwned):
    """How parameters are chosen. `axes` holds, by parameter, the values of a grid or the bounds to draw from: what
    fits a whole number, a clock time and a choice alike is no column."""

    class Method(models.TextChoices):
        GRID = "GRID", "Grid"
        RANDOM = "RANDOM", "Random"
        BAYESIAN = "BAYESIAN", "Bayesian"

    class Objective(models.TextChoices):
        SHARPE = "SHARPE", "Sharpe"
        SORTINO = "SORTINO", "Sortino"
        CALMAR = "CALMAR", "Calmar"
        NET = "NET", "Net profit"
        PROFIT_FACTOR = "PROFIT_FACTOR", "Profit factor"

    class Mode(models.TextChoices):
        NONE = "NONE", "No walk-forward"
        ANCHORED = "ANCHORED", "Anchored"
        ROLLING = "ROLLING", "Rolling"

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="search")
    method = models.CharField(max_length=8, choices=Method)
    objective = models.CharField(max_length=13, choices=Objective, default=Objective.SHARPE)
    axes = models.JSONField()
    cells = models.PositiveIntegerField(help_text="combinations that are tried, in each window")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.NONE)
    in_sample_days = models.PositiveIntegerField(default=0, help_text="trading days")
    out_of_sample_days = models.PositiveIntegerField(default=0, help_text="trading days")
    deflated_sharpe = models.FloatField(
        null=True,
        blank=True,
        help_text="chance that the best Sharpe is more than luck over so many trials",
    )
    expected_best_sharpe = models.FloatField(
        null=True, blank=True, help_text="a year, of the best of as many worthless combinations"
    )
    trials = models.PositiveIntegerField(null=True, blank=True, help_text="combinations that came to an end")
    effective_trials = models.FloatField(
        null=True, blank=True, help_text="independent trials that these amount to, by their correlation"
    )
    deflated_effective = models.FloatField(
        null=True, blank=True, help_text="the deflated Sharpe ratio, of the effective trials alone"
    )
    overfit_probability = models.FloatField(
        null=True, blank=True, help_text="chance that the best in sample is below the median out of sample"
    )
    overfit_loss = models.FloatField(
        null=True, blank=True, help_text="chance that the best in sample loses out of sample"
    )
    overfit_splits = models.PositiveIntegerField(null=True, blank=True)
    together = models.BinaryField(
        null=True, blank=True, help_text="standardised daily returns of all combinations, added up"
    )
    efficiency = models.FloatField(
        null=True, blank=True, help_text="walk-forward: what of the annual return in sample was left out of sample"
    )

    class Meta:
        verbose_name_plural = "searches"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="backtests_search_method_known", condition=Q(method__in=["GRID", "RANDOM", "BAYESIAN"])
            ),
            models.CheckConstraint(
                name="backtests_search_objective_known",
                condition=Q(objective__in=["SHARPE", "SORTINO", "CALMAR", "NET", "PROFIT_FACTOR"]),
            ),
            models.CheckConstraint(
                name="backtests_search_mode_known", condition=Q(mode__in=["NONE", "ANCHORED", "ROLLING"])
            ),
            models.CheckConstraint(
                name="backtests_search_windows",
                condition=Q(mode="NONE") | Q(in_sample_days__gt=0, out_of_sample_days__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.cells}"


class Cell(OrganisationOwned, Figures):
    """One combination that was tried. `window` numbers the walk-forward's window, 0 in a sweep."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="cells")
    window = models.PositiveSmallIntegerField(default=0)
    number = models.PositiveIntegerField()
    parameters = models.JSONField()
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    score = models.FloatField(null=True, blank=True, help_text="the objective")
    skew = models.FloatField(null=True, blank=True, help_text="of daily returns")
    kurtosis = models.FloatField(null=True, blank=True, help_text="of daily returns; 3 is normal")
    days = models.PositiveIntegerField(null=True, blank=True)
    outsized_orders = models.PositiveIntegerField(
        null=True, blank=True, help_text="larger than the book of their minute; null where the engine traded them"
    )
    detail = models.CharField(max_length=200, blank=True)
    parts = models.BinaryField(
        null=True, blank=True, help_text="daily returns by block: their sums, then the sums of their squares"
    )

    class Meta:
        ordering = ["run", "window", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "window", "number"], name="backtests_cell_once"),
            models.CheckConstraint(
                name="backtests_cell_status_known", condition=Q(status__in=["WAITING", "DONE", "FAILED"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.window}.{self.number}"


class Window(OrganisationOwned, Figures):
    """One step of a walk-forward: parameters chosen in sample, and how they did out of sample (the figures)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="windows")
    number = models.PositiveSmallIntegerField()
    in_first = models.DateField()
    in_last = models.DateField()
    out_first = models.DateField()
    out_last = models.DateField()
    chosen = models.JSONField(null=True, blank=True)
    in_sample_score = models.FloatField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True, help_text="the objective, out of sample")
    is_done = models.BooleanField(default=False)
    detail = models.CharField(max_length=200, blank=True)
    daily = models.BinaryField(null=True, blank=True)
    trips = models.BinaryField(null=True, blank=True)

    class Meta:
        ordering = ["run", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="backtests_window_once"),
            models.CheckConstraint(
                name="backtests_window_order",
                condition=Q(in_last__gte=F("in_first"), out_first__gt=F("in_last"), out_last__gte=F("out_first")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"
