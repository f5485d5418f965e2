"""A run: a backtest, a sweep or a walk-forward that somebody asked for, and how far it is."""

from datetime import datetime, timedelta
from typing import ClassVar

import numpy as np
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analytics.domain.needs import FEWEST_MOVES
from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel

from ..domain.engine import Charging, Funds
from ..domain.lease import LEASE
from .figures import Figures

INTERVALS = [(each.value, each.value) for each in Interval]


class Run(OrganisationOwned, Figures):
    """The terms of a run, the state of its work, and its figures once it is done.

    A worker holds a run by a lease: `lease` names the worker's claim, `leased_until` when it lapses. Whoever writes
    to a running run names the lease, so that a worker that was frozen and replaced writes nothing any more.
    """

    class Kind(models.TextChoices):
        BACKTEST = "BACKTEST", "Backtest"
        SWEEP = "SWEEP", "Sweep"
        WALK_FORWARD = "WALK_FORWARD", "Walk-forward"

    class Status(models.TextChoices):
        QUEUED = "QUEUED", "Queued"
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        FAILED = "FAILED", "Failed"
        CANCELLED = "CANCELLED", "Cancelled"

    class LookAhead(models.TextChoices):
        NOT_ASKED = "NOT_ASKED", "Not checked"
        CLEAN = "CLEAN", "None found"
        FOUND = "FOUND", "Looks ahead"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    note = models.TextField(max_length=4000, blank=True)

    first = models.DateField()
    last = models.DateField()
    capital_paise = models.BigIntegerField(help_text="shared by all strategies of the run")
    base = models.CharField(max_length=3, choices=INTERVALS, help_text="the bars that the market is replayed from")
    plan = models.CharField(max_length=40, blank=True, help_text="brokerage plan")
    charging = models.CharField(max_length=5, choices=[(each.value, each.value) for each in Charging])
    funds = models.CharField(max_length=7, choices=[(each.value, each.value) for each in Funds])
    slippage_model = models.CharField(
        max_length=7,
        choices=[(each.value, each.value) for each in SlippageModel],
        blank=True,
        help_text="empty: the venue's own terms",
    )
    slippage_value = models.DecimalField(max_digits=8, decimal_places=4, default=0)
    square_off = models.BooleanField(default=True)
    seed = models.PositiveIntegerField(default=0)
    benchmark = models.CharField(max_length=50, blank=True)
    wants_look_ahead = models.BooleanField(default=False)
    # Settings of one model, only ever handed on as a whole; empty where nothing of the run is priced by it.
    option_model = models.JSONField(default=dict, blank=True, help_text="prices options where none are stored")
    modelled_share = models.FloatField(
        null=True, blank=True, help_text="of the days of the contracts that were traded, how many the model priced"
    )
    beside = models.ForeignKey(
        "strategies.StrategyRun",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the run on paper or live whose span it repeats",
    )

    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    progress = models.FloatField(default=0.0)
    message = models.CharField(max_length=300, blank=True)
    code = models.CharField(max_length=40, blank=True, help_text="why it failed")
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worked_ms = models.PositiveBigIntegerField(default=0)

    caveats = models.TextField(blank=True, help_text="what a reader should know of the data, a line each")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="market time at which a failed run ended")
    look_ahead = models.CharField(max_length=9, choices=LookAhead, default=LookAhead.NOT_ASKED)
    look_ahead_detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "kind", "-id"], name="backtests_run_list"),
            models.Index(
                fields=["status", "id"], condition=Q(status__in=["QUEUED", "RUNNING"]), name="backtests_run_live"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="backtests_run_kind_known", condition=Q(kind__in=["BACKTEST", "SWEEP", "WALK_FORWARD"])
            ),
            models.CheckConstraint(
                name="backtests_run_status_known",
                condition=Q(status__in=["QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"]),
            ),
            models.UniqueConstraint(
                name="backtests_run_beside_once",
                fields=["beside"],
                condition=Q(status__in=["QUEUED", "RUNNING"]),
            ),
            models.CheckConstraint(name="backtests_run_span", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(name="backtests_run_capital", condition=Q(capital_paise__gt=0)),
            models.CheckConstraint(
                name="backtests_run_progress", condition=Q(progress__gte=0.0) & Q(progress__lte=1.0)
            ),
            models.CheckConstraint(
                name="backtests_run_modelled_share",
                condition=Q(modelled_share__isnull=True) | Q(modelled_share__gte=0.0, modelled_share__lte=1.0),
            ),
            models.CheckConstraint(
                name="backtests_run_lease_whole",
                condition=Q(lease__isnull=True, leased_until__isnull=True)
                | Q(lease__isnull=False, leased_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Whether there is still something to expect of it, and so to cancel."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def worker_seen_at(self) -> datetime | None:
        """When the worker that holds it last renewed its lease; None while nobody does."""
        return None if self.leased_until is None else self.leased_until - LEASE

    @property
    def worked_seconds(self) -> float:
        """How long workers were at it."""
        return self.worked_ms / 1000

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return int(self.progress * 100)

    @property
    def tells_ratios(self) -> bool:
        """Whether a ratio of its days' spread says something: it traded, and there are days enough to move on."""
        days = int(np.busday_count(self.first, self.last + timedelta(days=1)))
        return bool(self.trades) and days >= FEWEST_MOVES


class RunStrategy(OrganisationOwned):
    """One strategy of a run, on its instruments; those of one run share its capital."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="strategies")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=60, blank=True, help_text="tells it from the run's others")
    key = models.CharField(max_length=80, help_text="of the organisation's own code with the version: own.key@3")
    title = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the text that was run")
    # Each strategy has settings of its own, and an ordered list of keys is only ever handed on: no columns fit.
    parameters = models.JSONField(default=dict, blank=True)
    symbols = models.JSONField(default=list)
    interval = models.CharField(max_length=3, choices=INTERVALS)
    product = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Product])

    class Meta:
        ordering = ["run", "position"]
        verbose_name_plural = "run strategies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "position"], name="backtests_strategy_once"),
            models.UniqueConstraint(fields=["run", "label"], name="backtests_strategy_label_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "key"], name="backtests_strategy_key")]

    def __str__(self) -> str:
        return self.title
