"""What the days do to positions: dated rules for everybody, deliveries under way, and which days have been run."""

from django.db import models
from django.db.models import F, Q

from trading.instruments.domain.sessions import Segment
from trading.portfolio.models.account import AccountOwned, TradingAccount
from trading.portfolio.models.position import Position
from trading.portfolio.models.rates import RateField

SEGMENTS = [(segment.value, segment.value.replace("_", " ").capitalize()) for segment in Segment]


class PlanFee(models.Model):
    """What a broker's plan charges besides brokerage, from a day on; GST comes on top of the amount."""

    class Kind(models.TextChoices):
        DP = "DP", "Depository charge per scrip and day"
        MTF_INTEREST = "MTF_INTEREST", "Interest on borrowed money per day"

    plan = models.CharField(max_length=16)
    kind = models.CharField(max_length=16, choices=Kind)
    valid_from = models.DateField()
    amount = models.DecimalField(max_digits=9, decimal_places=2, default=0, help_text="Rupees, before GST.")
    rate = RateField(help_text="Fraction of the borrowed money a calendar day; 0.0004 is 0.04 %.")
    on_unsettled = models.BooleanField(
        default=False, help_text="Depository charge: also on shares that were sold before they had arrived (BTST)."
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["plan", "kind", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind", "valid_from"], name="plan_fee_once_per_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.kind} from {self.valid_from}"


class SettlementCycle(models.Model):
    """From `valid_from` on, shares arrive `days` trading days after the trade, at `payout_at` (IST)."""

    valid_from = models.DateField(unique=True)
    days = models.PositiveSmallIntegerField()
    payout_at = models.TimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-valid_from"]
        constraints = [models.CheckConstraint(condition=Q(days__lte=5), name="settlement_cycle_is_short")]

    def __str__(self) -> str:
        return f"T+{self.days} from {self.valid_from}"


class SquareOffRule(models.Model):
    """When INTRADAY positions of a segment are closed for those who have not done so; times of day are IST.

    No new INTRADAY order is taken from `square_off_at` on. `fee` is rupees for each closing order, before GST.
    """

    segment = models.CharField(max_length=20, choices=SEGMENTS)
    valid_from = models.DateField()
    warn_at = models.TimeField()
    square_off_at = models.TimeField()
    fee = models.DecimalField(max_digits=9, decimal_places=2, default=50)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["segment", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "valid_from"], name="square_off_rule_once_per_day"),
            models.CheckConstraint(
                condition=Q(square_off_at__gt=F("warn_at"), fee__gte=0), name="square_off_rule_warns_before"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.square_off_at:%H:%M} from {self.valid_from}"


class DeliveryDay(AccountOwned):
    """What one position owes or is owed in shares for one trading day, in units.

    Bought and sold on one day net out; what a sale took of settled and of earlier unsettled shares is counted when
    it trades. From `settled_at` on, what was bought lies in the demat account.
    """

    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="delivery_days")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="delivery_days")
    trade_date = models.DateField()
    bought = models.PositiveBigIntegerField(default=0)
    sold = models.PositiveBigIntegerField(default=0)
    from_settled = models.PositiveBigIntegerField(default=0)
    from_unsettled = models.PositiveBigIntegerField(default=0, help_text="Bought before today, not arrived: BTST.")
    settles_on = models.DateField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-trade_date", "position"]
        constraints = [
            models.UniqueConstraint(fields=["position", "trade_date"], name="delivery_day_once"),
        ]
        indexes = [
            models.Index(fields=["settles_on"], condition=Q(settled_at=None), name="delivery_day_due"),
            models.Index(fields=["position"], condition=Q(settled_at=None), name="delivery_day_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.position_id} {self.trade_date}: +{self.bought} −{self.sold}"


class DayRun(models.Model):
    """A day whose end (or beginning) has been worked through; a run that left something over is not finished."""

    class Job(models.TextChoices):
        OPENING = "OPENING", "Corporate actions"
        CLOSING = "CLOSING", "Settlement"

    job = models.CharField(max_length=8, choices=Job)
    date = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-date", "job"]
        constraints = [models.UniqueConstraint(fields=["job", "date"], name="day_run_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.date}"
