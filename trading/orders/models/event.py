"""What happened to an order, in order. Rows are never changed."""

from django.db import models

from core.tenancy import OrganisationOwned

from .order import Order


class OrderEventType(models.TextChoices):
    """What can happen to an order."""

    ACCEPTED = "ACCEPTED"
    RELEASED = "RELEASED"
    REFUSED = "REFUSED"
    ROUTED = "ROUTED"
    OPENED = "OPENED"
    TRIGGERED = "TRIGGERED"
    TRADED = "TRADED"
    MODIFIED = "MODIFIED"
    MODIFY_REFUSED = "MODIFY_REFUSED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"
    ADOPTED = "ADOPTED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    CANCEL_FAILED = "CANCEL_FAILED"
    MODIFY_REQUESTED = "MODIFY_REQUESTED"


class OrderEvent(OrganisationOwned):
    """`seq` counts from 1 within the order without gaps; `status` is the order's after the event."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=16, choices=OrderEventType.choices)
    status = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["order", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["order", "seq"], name="order_event_seq_once"),
            models.CheckConstraint(condition=models.Q(seq__gt=0), name="order_event_seq_positive"),
            models.CheckConstraint(
                condition=models.Q(type__in=sorted(OrderEventType.values)), name="order_event_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.type}"
