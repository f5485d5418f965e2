"""A run: one strategy with its settings, on one account, and what it has been told so far."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.ids import new_id
from core.money import from_paise
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.portfolio.models.account import AccountOwned
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.schedule import EVERY_DAY, Schedule
from trading.strategies.domain.runs.states import DRIVEN, Mode, RunState

TAKEN_UP_WITHIN = timedelta(seconds=5)
"""A process looks for runs that nobody drives each two seconds."""


class StrategyRun(AccountOwned):
    """Amounts ending in `_paise` in integer paise, times of the day in India.

    `name` is what its orders carry as their `strategy`, so that its positions are a fold of their own; it is never
    given to a second run. `remembered` is the host's state. `lease_*` say which process drives it, on the wall's
    clock: whoever holds another `lease_epoch` may write nothing. `bars_through` (Unix seconds) is the end of the
    last bars that the strategy has been told.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="strategy_runs")
    name = models.CharField(max_length=48)
    strategy = models.CharField(max_length=64, help_text="The strategy's key in the catalogue.")
    parameters = models.JSONField(default=dict, blank=True)
    symbols = models.JSONField(default=list, help_text="Keys of the instruments, the first is the main one.")
    interval = models.CharField(max_length=4, choices=[(str(each), str(each)) for each in Interval])
    product = models.CharField(max_length=12, choices=[(str(each), str(each)) for each in Product])
    capital_paise = models.BigIntegerField()
    mode = models.CharField(max_length=8, choices=[(str(each), str(each)) for each in Mode], default=Mode.AUTO)
    signal_seconds = models.PositiveIntegerField(
        default=120, help_text="How long a signal waits for an answer or to be sent, in seconds of market time."
    )

    approval_band_bps = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How far the price may have moved since a signal's decision and it can still be approved,"
        " in hundredths of a per cent.",
    )

    max_loss_paise = models.BigIntegerField(null=True, blank=True)
    max_loss_day_paise = models.BigIntegerField(null=True, blank=True)
    max_orders_day = models.PositiveIntegerField(null=True, blank=True)
    max_open_positions = models.PositiveIntegerField(null=True, blank=True)

    weekdays = models.PositiveSmallIntegerField(default=EVERY_DAY, help_text="Bits, Monday the lowest.")
    start_time = models.TimeField(null=True, blank=True)
    stop_time = models.TimeField(null=True, blank=True)
    special_sessions = models.BooleanField(default=True)
    flatten_at_stop = models.BooleanField(default=False)

    state = models.CharField(
        max_length=8, choices=[(str(each), str(each)) for each in RunState], default=RunState.DRAFT
    )
    state_code = models.CharField(max_length=40, blank=True, default="")
    state_reason = models.CharField(max_length=400, blank=True, default="")
    state_at = models.DateTimeField()
    flatten_asked = models.BooleanField(default=False, help_text="Positions are to be closed while it is wound up.")

    remembered = models.JSONField(default=dict, blank=True)
    bars_through = models.BigIntegerField(default=0)
    signal_seq = models.PositiveIntegerField(default=0)
    fill_seq = models.PositiveIntegerField(default=0)
    note_seq = models.PositiveIntegerField(default=0)
    net_paise = models.BigIntegerField(default=0, help_text="After charges, with what is open, as last seen.")
    net_day_paise = models.BigIntegerField(default=0)
    open_positions = models.PositiveIntegerField(default=0)

    lease_holder = models.CharField(max_length=120, blank=True, default="")
    lease_epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)

    started_by = models.UUIDField(null=True, blank=True, help_text="In whose name it trades.")
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="strategy_run_name_once"),
            models.CheckConstraint(condition=Q(state__in=sorted(RunState)), name="strategy_run_state_known"),
            models.CheckConstraint(condition=Q(mode__in=sorted(Mode)), name="strategy_run_mode_known"),
            models.CheckConstraint(condition=Q(capital_paise__gt=0), name="strategy_run_capital_positive"),
            models.CheckConstraint(condition=Q(signal_seconds__gt=0), name="strategy_run_signal_seconds_positive"),
            models.CheckConstraint(
                condition=Q(weekdays__gte=1, weekdays__lte=EVERY_DAY), name="strategy_run_weekdays_known"
            ),
            models.CheckConstraint(
                condition=Q(max_loss_paise=None) | Q(max_loss_paise__gt=0), name="strategy_run_max_loss_positive"
            ),
            models.CheckConstraint(
                condition=Q(max_loss_day_paise=None) | Q(max_loss_day_paise__gt=0),
                name="strategy_run_max_loss_day_positive",
            ),
            models.CheckConstraint(
                condition=Q(approval_band_bps=None) | Q(approval_band_bps__gte=1, approval_band_bps__lte=10_000),
                name="strategy_run_approval_band_known",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at", "-id"], name="strategy_run_by_tenant"),
            models.Index(
                fields=["lease_until"],
                name="strategy_run_driven",
                condition=Q(state__in=["RUNNING", "PAUSED", "STOPPING"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def limits(self) -> RunLimits:
        """The run's own limits, in rupees."""
        return RunLimits(
            max_loss=_rupees(self.max_loss_paise),
            max_loss_day=_rupees(self.max_loss_day_paise),
            max_orders_day=self.max_orders_day,
            max_open_positions=self.max_open_positions,
            approval_band=None if self.approval_band_bps is None else Decimal(self.approval_band_bps) / 100,
        )

    @property
    def schedule(self) -> Schedule:
        return Schedule(
            weekdays=self.weekdays,
            start=self.start_time,
            stop=self.stop_time,
            special_sessions=self.special_sessions,
            flatten=self.flatten_at_stop,
        )

    @property
    def capital(self) -> Decimal:
        """What it was given, in rupees."""
        return from_paise(self.capital_paise)

    def is_driven(self, at: datetime) -> bool:
        """Whether a process holds its lease at a moment of the wall's clock."""
        return self.lease_until is not None and self.lease_until > at

    def is_silent(self, at: datetime) -> bool:
        """Whether it is to be driven, and nobody has for longer than a process needs to take it up."""
        heard = self.heartbeat_at is not None and self.heartbeat_at > at - TAKEN_UP_WITHIN
        return self.state in DRIVEN and not self.is_driven(at) and not heard


def _rupees(paise: int | None) -> Decimal | None:
    return None if paise is None else from_paise(paise)


class RunNoteKind(models.TextChoices):
    """What a line of the journal is about."""

    STATE = "STATE", "State"
    LOG = "LOG", "Strategy"
    ORDER = "ORDER", "Order"
    LIMIT = "LIMIT", "Limit"
    ERROR = "ERROR", "Error"


class RunNote(OrganisationOwned):
    """A line of the run's journal. `seq` counts from 1 within the run; `at` is market time. Rows never change."""

    run = models.ForeignKey(StrategyRun, on_delete=models.PROTECT, related_name="notes")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=RunNoteKind)
    message = models.CharField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["run", "-seq"]
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="run_note_seq_once"),
            models.CheckConstraint(condition=Q(kind__in=RunNoteKind.values), name="run_note_kind_known"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.message}"


class RunOrder(OrganisationOwned):
    """An order of the run, and up to which of its events (`OrderEvent.seq`) the strategy has been told."""

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, primary_key=True, related_name="+")
    run = models.ForeignKey(StrategyRun, on_delete=models.PROTECT, related_name="orders")
    told_seq = models.PositiveIntegerField()

    class Meta:
        ordering = ["run", "order"]

    def __str__(self) -> str:
        return f"{self.order_id} to #{self.told_seq}"


class RunFill(OrganisationOwned):
    """A trade that the strategy has been told of; `seq` counts from 1 within the run without gaps."""

    fill = models.OneToOneField("orders.Fill", on_delete=models.PROTECT, primary_key=True, related_name="+")
    run = models.ForeignKey(StrategyRun, on_delete=models.PROTECT, related_name="fills")
    seq = models.PositiveIntegerField()

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="run_fill_seq_once")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.fill_id}"


class RunMark(OrganisationOwned):
    """What the run was worth at the end of a minute in which it was driven, in paise."""

    run = models.ForeignKey(StrategyRun, on_delete=models.CASCADE, related_name="marks")
    at = models.DateTimeField(help_text="The minute, market time.")
    equity_paise = models.BigIntegerField()
    net_paise = models.BigIntegerField()

    class Meta:
        ordering = ["run", "at"]
        constraints = [models.UniqueConstraint(fields=["run", "at"], name="run_mark_once")]

    def __str__(self) -> str:
        return f"{self.at:%d %b %H:%M} {self.equity_paise}"
