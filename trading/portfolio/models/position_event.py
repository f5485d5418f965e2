"""What happened to positions besides trades. Rows are never changed."""

from fractions import Fraction

from django.db import models
from django.db.models import Q

from core import clock
from core.ids import new_id
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind
from trading.portfolio.models.account import AccountOwned, TradingAccount
from trading.portfolio.models.position import Position

EVENT_KINDS = [(kind.value, kind.value.replace("_", " ").capitalize()) for kind in PositionEventKind]


class PositionEvent(AccountOwned):
    """Folded into its position beside the fills, in the order of recording; see `domain/position_events.py`.

    `(source_type, source_id)` names what it records, in the ledger too, so that it is posted once only. An event
    that moves no money (a split without a fraction) has no ledger transaction.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(TradingAccount, on_delete=models.PROTECT, related_name="position_events")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=EVENT_KINDS)
    quantity_change = models.BigIntegerField(default=0)
    price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    value_paise = models.BigIntegerField(default=0)
    charges_paise = models.BigIntegerField(default=0)
    margin_paise = models.BigIntegerField(default=0, help_text="Blocked by the units that came.")
    realised_pnl_paise = models.BigIntegerField(default=0)
    ratio_numerator = models.PositiveIntegerField(null=True, blank=True)
    ratio_denominator = models.PositiveIntegerField(null=True, blank=True)
    source_type = models.CharField(max_length=16)
    source_id = models.UUIDField()
    description = models.CharField(max_length=200)
    data = models.JSONField(default=dict, blank=True, help_text="How it came about, for people and reports.")
    at = models.DateTimeField(help_text="Market time of the event; its Indian date is the day it belongs to.")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id"], name="position_event_once"),
            models.CheckConstraint(
                condition=Q(value_paise__gte=0, charges_paise__gte=0, margin_paise__gte=0),
                name="position_event_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in PositionEventKind]), name="position_event_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["position", "-recorded_at"], name="position_event_of_position"),
            models.Index(fields=["account", "-at", "-id"], name="position_event_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity_change}"

    @property
    def facts(self) -> EventFacts:
        """The event as the pure fold takes it."""
        ratio = None
        if self.ratio_numerator and self.ratio_denominator:
            ratio = Fraction(self.ratio_numerator, self.ratio_denominator)
        return EventFacts(
            kind=PositionEventKind(self.kind),
            day=clock.trading_date(self.at),
            quantity_change=self.quantity_change,
            price=self.price,
            value_paise=self.value_paise,
            charges_paise=self.charges_paise,
            margin_paise=self.margin_paise,
            ratio=ratio,
        )
