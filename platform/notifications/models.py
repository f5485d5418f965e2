"""What a user was told, and whether they have read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned


class NotificationKind(models.TextChoices):
    """Names of the events as sockets and the API show them."""

    TRADE_EXECUTED = "trade_executed", "Trade executed"
    ORDER_REJECTED = "order_rejected", "Order refused"
    RISK = "risk", "Risk"
    ALERT = "alert", "Alert"
    ALARM = "alarm", "Alarm"
    MARGIN_SHORTFALL = "margin_shortfall", "Margin shortfall"
    SYSTEM = "system", "System"


class Notification(OrganisationOwned):
    """One message to one user, shown in the application."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NotificationKind)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=400, blank=True)
    link = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="notification_kind_known")
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user_newest"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_user_unread"),
        ]

    def __str__(self) -> str:
        return self.title
