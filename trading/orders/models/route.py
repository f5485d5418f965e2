"""How orders reach a live broker: kept beside the orders, so that a paper order carries none of it."""

from django.db import models
from django.db.models import Q

from core.tenancy import OrganisationOwned
from trading.portfolio.models.account import AccountOwned

from .order import Order


class OrderRoute(OrganisationOwned):
    """What the router knows of one live order; no row means that the router has nothing to do with it.

    Times are the wall's. `epoch` is the router's when the order was accepted: an order of an earlier one was
    restored from a backup, may have been sent before, and is never sent (again). `claimed_at` is committed
    together with ROUTING before the first byte goes out. `absent_reads` counts the good reads of the broker's book,
    since `unknown_since`, that did not show the order. `broker_updated_at` is the broker's time of the
    latest state taken over. `wanted` are the terms of a modification that waits for the broker.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="route")
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    epoch = models.PositiveIntegerField()
    requested_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    unknown_since = models.DateTimeField(null=True, blank=True)
    absent_reads = models.PositiveSmallIntegerField(default=0)
    broker_updated_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_sent_at = models.DateTimeField(null=True, blank=True)
    wanted = models.JSONField(null=True, blank=True)
    modify_requested_at = models.DateTimeField(null=True, blank=True)
    modify_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__isnull=True, modify_requested_at__isnull=True)
                | Q(wanted__isnull=False, modify_requested_at__isnull=False),
                name="order_route_wanted_since",
            ),
        ]
        indexes = [models.Index(fields=["account", "requested_at"], name="order_route_by_account")]

    def __str__(self) -> str:
        return f"route of {self.order_id}"


class AccountRoute(AccountOwned):
    """The way to one account's broker. Orders are accepted only while it is open.

    `is_reconciled` turns true with the first complete reconciliation of an epoch and router, and false again when
    the broker could not be read for long; until then orders are refused (`reconciling`). `read_at` is the last
    good read, `positions_at` the last comparison of positions; the process that looks after the account does so
    until `leased_until`.
    """

    account = models.OneToOneField(
        "portfolio.TradingAccount", on_delete=models.PROTECT, primary_key=True, related_name="route"
    )
    epoch = models.PositiveIntegerField(default=0)
    is_reconciled = models.BooleanField(default=False)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    positions_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Reads that failed since the last good one.")
    last_error = models.CharField(max_length=255, blank=True, default="")

    def __str__(self) -> str:
        return f"route of account {self.account_id}"


class ReconciliationRun(AccountOwned):
    """A comparison with the broker that found something, or that was asked for. Rows are never changed."""

    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    reason = models.CharField(max_length=16)
    orders_read = models.PositiveIntegerField(default=0)
    orders_updated = models.PositiveIntegerField(default=0)
    orders_adopted = models.PositiveIntegerField(default=0)
    fills_added = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["account", "-started_at"], name="reconciliation_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S} {len(self.findings)} findings"


class RouterEpoch(models.Model):
    """Counts the lives of this database: a restore from a backup begins a new one.

    `fingerprint` tells one database from a copy of it; the router begins an epoch when it finds another.
    """

    number = models.PositiveIntegerField(unique=True)
    fingerprint = models.CharField(max_length=255)
    began_at = models.DateTimeField()
    reason = models.CharField(max_length=80)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"epoch {self.number}"
