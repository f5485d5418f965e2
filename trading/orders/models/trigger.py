"""Triggers: orders that wait for a price, and what happened to them."""

from django.db import models
from django.db.models import F, Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import Origin
from trading.orders.domain.triggers.crossing import Trail
from trading.orders.domain.triggers.states import (
    OPEN_TRIGGERS,
    Direction,
    LegRole,
    LegStatus,
    TriggerKind,
    TriggerStatus,
)
from trading.portfolio.models.account import AccountOwned

_Choices = type[Side | OrderType | Product | Origin | TriggerKind | TriggerStatus | LegRole | LegStatus | Direction]


def _choices(values: _Choices) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


class Trigger(AccountOwned):
    """Prices in rupees, times on the market clock.

    `side` is that of the order asked for: of a bracket or cover its entry, of any other kind the order that fires.
    `entry_quantity` is what the entry has filled, `filled_quantity` what the exits have. A trigger that `protects`
    never closes more than the position of its account, instrument, product and strategy, and goes with it;
    what left the position by another way is its `released_quantity`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="triggers")
    instrument = models.ForeignKey("instruments.Instrument", on_delete=models.PROTECT, related_name="+")
    client_order_id = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64, editable=False)
    kind = models.CharField(max_length=8, choices=_choices(TriggerKind))
    side = models.CharField(max_length=4, choices=_choices(Side))
    quantity = models.PositiveBigIntegerField()
    entry_quantity = models.PositiveBigIntegerField(default=0)
    filled_quantity = models.PositiveBigIntegerField(default=0)
    released_quantity = models.PositiveBigIntegerField(
        default=0, help_text="What left the position by another way, and is not guarded any more."
    )
    product = models.CharField(max_length=12, choices=_choices(Product))
    strategy = models.CharField(max_length=64, blank=True, default="")
    protects = models.BooleanField(default=True)
    expires_on = models.DateField(help_text="The last trading date on which it is watched.")
    note = models.CharField(max_length=200, blank=True, default="")
    origin = models.CharField(max_length=8, choices=_choices(Origin), default=Origin.MANUAL)

    status = models.CharField(max_length=16, choices=_choices(TriggerStatus), default=TriggerStatus.ACTIVE)
    status_code = models.CharField(max_length=40, blank=True, default="")
    status_message = models.CharField(max_length=255, blank=True, default="")
    alarm_since = models.DateTimeField(null=True, blank=True)
    event_seq = models.PositiveIntegerField(default=0, help_text="The sequence number of its latest event.")
    placed_by = models.CharField(max_length=150)
    placed_by_user = models.UUIDField(null=True, blank=True, help_text="Who must still be allowed to trade.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "client_order_id"], name="trigger_client_order_id_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="trigger_quantity_positive"),
            models.CheckConstraint(
                condition=Q(
                    entry_quantity__lte=F("quantity"),
                    filled_quantity__lte=F("quantity") - F("released_quantity"),
                ),
                name="trigger_filled_within_quantity",
            ),
            models.CheckConstraint(condition=Q(kind__in=sorted(TriggerKind)), name="trigger_kind_known"),
            models.CheckConstraint(condition=Q(side__in=sorted(Side)), name="trigger_side_known"),
            models.CheckConstraint(condition=Q(status__in=sorted(TriggerStatus)), name="trigger_status_known"),
            models.CheckConstraint(
                condition=Q(status=TriggerStatus.ALARM, alarm_since__isnull=False)
                | (~Q(status=TriggerStatus.ALARM) & Q(alarm_since__isnull=True)),
                name="trigger_alarm_has_begun",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "instrument"],
                name="trigger_open_by_position",
                condition=Q(status__in=sorted(OPEN_TRIGGERS)),
            ),
            models.Index(fields=["account", "-created_at", "-id"], name="trigger_by_account_newest"),
            models.Index(fields=["organisation", "-created_at", "-id"], name="trigger_by_tenant_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.side} {self.quantity} {self.status}"

    @property
    def exit_side(self) -> Side:
        """The side of the orders that fire."""
        if not TriggerKind(self.kind).has_entry:
            return Side(self.side)
        return Side.SELL if self.side == Side.BUY else Side.BUY

    @property
    def remaining_quantity(self) -> int:
        """What may still leave by its exits; of a bracket or cover no more than has come in."""
        guarded = self.entry_quantity if TriggerKind(self.kind).has_entry else self.quantity
        return max(guarded - self.filled_quantity - self.released_quantity, 0)

    @property
    def is_open(self) -> bool:
        """Whether it may still fire, or place an exit."""
        return self.status in OPEN_TRIGGERS


class TriggerLeg(OrganisationOwned):
    """One price that is waited for, and the order that it fires. An ENTRY is placed at once and waits for nothing.

    A trailing leg keeps `trail_points` or `trail_percent` from its `peak_price`; its `trigger_price` follows.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trigger = models.ForeignKey(Trigger, on_delete=models.PROTECT, related_name="legs")
    role = models.CharField(max_length=8, choices=_choices(LegRole))
    direction = models.CharField(max_length=8, choices=_choices(Direction), blank=True, default="")
    trigger_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    order_type = models.CharField(max_length=8, choices=_choices(OrderType))
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    trail_points = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    trail_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    peak_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    status = models.CharField(max_length=16, choices=_choices(LegStatus), default=LegStatus.ARMED)
    attempts = models.PositiveIntegerField(default=0, help_text="Orders fired so far, with the refused ones.")
    refusals = models.PositiveIntegerField(default=0, help_text="Refused in a row; sets the pace of the retries.")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    fired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["trigger", "role"]
        constraints = [
            models.UniqueConstraint(fields=["trigger", "role"], name="trigger_leg_role_once"),
            models.CheckConstraint(condition=Q(role__in=sorted(LegRole)), name="trigger_leg_role_known"),
            models.CheckConstraint(condition=Q(status__in=sorted(LegStatus)), name="trigger_leg_status_known"),
            models.CheckConstraint(
                condition=Q(role=LegRole.ENTRY) | Q(direction__in=sorted(Direction), trigger_price__gt=0),
                name="trigger_leg_waits_for_a_price",
            ),
            models.CheckConstraint(
                condition=Q(trail_points__isnull=True) | Q(trail_percent__isnull=True),
                name="trigger_leg_one_gap",
            ),
            models.CheckConstraint(
                condition=(Q(trail_points__isnull=True) | Q(trail_points__gt=0))
                & (Q(trail_percent__isnull=True) | Q(trail_percent__gt=0)),
                name="trigger_leg_gap_positive",
            ),
            models.CheckConstraint(
                condition=(Q(trail_points__isnull=True, trail_percent__isnull=True) & Q(peak_price__isnull=True))
                | ((Q(trail_points__isnull=False) | Q(trail_percent__isnull=False)) & Q(peak_price__isnull=False)),
                name="trigger_leg_trails_from_a_peak",
            ),
            models.CheckConstraint(
                condition=Q(status=LegStatus.REFUSED, next_attempt_at__isnull=False)
                | (~Q(status=LegStatus.REFUSED) & Q(next_attempt_at__isnull=True)),
                name="trigger_leg_refused_is_retried",
            ),
        ]
        indexes = [
            models.Index(fields=["trigger"], name="trigger_leg_armed", condition=Q(status=LegStatus.ARMED)),
            models.Index(
                fields=["next_attempt_at"], name="trigger_leg_retries", condition=Q(status=LegStatus.REFUSED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.direction} {self.trigger_price} {self.status}"

    @property
    def trail(self) -> Trail | None:
        """The gap that the leg keeps, None when it stands still."""
        if self.trail_points is None and self.trail_percent is None:
            return None
        return Trail(self.trail_points, self.trail_percent)


class TriggerEventType(models.TextChoices):
    """What can happen to a trigger."""

    CREATED = "CREATED"
    ENTRY_PLACED = "ENTRY_PLACED"
    ENTRY_FILLED = "ENTRY_FILLED"
    TARGET_PLACED = "TARGET_PLACED"
    FIRED = "FIRED"
    FILLED = "FILLED"
    REFUSED = "REFUSED"
    RETRIED = "RETRIED"
    REPRICED = "REPRICED"
    REARMED = "REARMED"
    MODIFIED = "MODIFIED"
    REDUCED = "REDUCED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class TriggerEvent(OrganisationOwned):
    """`seq` counts from 1 within the trigger without gaps; `status` is the trigger's after the event.

    Rows are never changed.
    """

    trigger = models.ForeignKey(Trigger, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=16, choices=TriggerEventType.choices)
    status = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["trigger", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["trigger", "seq"], name="trigger_event_seq_once"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="trigger_event_seq_positive"),
            models.CheckConstraint(
                condition=Q(type__in=sorted(TriggerEventType.values)), name="trigger_event_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.type}"
