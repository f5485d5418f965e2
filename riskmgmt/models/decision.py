"""Every decision that was taken under the limits."""

from django.db import models
from django.db.models import Q

from core.tenancy import OrganisationOwned
from trading.portfolio.models.account import AccountOwnedQuerySet


class RiskDecision(OrganisationOwned):
    """What one gate said of one order, and why. History: never changed."""

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="risk_decisions")
    gate = models.CharField(max_length=30)
    allowed = models.BooleanField()
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=240)
    limit = models.CharField(max_length=40, blank=True)
    used = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "-id"], name="risk_decision_newest"),
            models.Index(fields=["account", "-id"], condition=Q(allowed=False), name="risk_refusal_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {self.code}"
