"""Orders that were asked for together, and the legs of them that became no order."""

from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.brokers.domain.terms import Side
from trading.orders.domain.group import GroupKind
from trading.portfolio.models.account import AccountOwned, AccountOwnedQuerySet


class OrderGroup(AccountOwned):
    """What was asked for as a whole. Its state follows from its orders and is not stored.

    `client_order_id` names the group within its account, `request_hash` tells a repeated request from a
    reused name. `findings` is what was looked up when it was placed (prices, positions), so that a repeated
    request gets the first answer.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="order_groups")
    kind = models.CharField(max_length=10, choices=[(str(kind), str(kind)) for kind in GroupKind])
    name = models.CharField(max_length=64, blank=True, default="")
    client_order_id = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64, editable=False)
    all_or_nothing = models.BooleanField(default=False)
    findings = models.JSONField(default=dict, blank=True)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    objects = AccountOwnedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "client_order_id"], name="order_group_client_order_id_once"),
            models.CheckConstraint(condition=Q(kind__in=sorted(GroupKind)), name="order_group_kind_known"),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="order_group_by_account"),
            models.Index(fields=["organisation", "-created_at", "-id"], name="order_group_by_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.client_order_id}"


class RefusedLeg(OrganisationOwned):
    """A leg that became no order, and why: it was malformed, or another leg of an all-or-nothing group was."""

    group = models.ForeignKey(OrderGroup, on_delete=models.PROTECT, related_name="refused_legs")
    leg = models.PositiveSmallIntegerField()
    symbol = models.CharField(max_length=64)
    side = models.CharField(max_length=4, choices=[(str(side), str(side)) for side in Side])
    quantity = models.PositiveBigIntegerField()
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=255)

    class Meta:
        ordering = ["group", "leg"]
        constraints = [models.UniqueConstraint(fields=["group", "leg"], name="refused_leg_once")]

    def __str__(self) -> str:
        return f"leg {self.leg}: {self.code}"
