"""Who may trade at present, and every change of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.money import to_paise
from riskmgmt.domain.states import Source, Standing, State

from .scope import Scoped, one_per_scope

STATES = [(state.value, state.value.capitalize()) for state in State]
SOURCES = [(source.value, source.value.replace("_", " ").capitalize()) for source in Source]


class TradingState(Scoped):
    """What one source says of one scope now. The strictest row that applies to an order decides.

    `lets_house_exit` is for a kill switch that flattens: the house's own exits still pass.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.CharField(max_length=12, choices=SOURCES)
    state = models.CharField(max_length=8, choices=STATES)
    lets_house_exit = models.BooleanField(default=False)
    max_order_value = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, blank=True, help_text="Opening orders that pass while REDUCING."
    )
    reason = models.CharField(max_length=240, blank=True)
    since = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_by_label = models.CharField(max_length=150)

    class Meta:
        constraints = [
            *one_per_scope("trading_state", besides=["source"]),
            models.CheckConstraint(condition=Q(state__in=sorted(State.__members__)), name="trading_state_known"),
            models.CheckConstraint(
                condition=Q(source__in=sorted(Source.__members__)), name="trading_state_source_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_label}: {self.state}"

    @property
    def standing(self) -> Standing:
        """The row as a value."""
        return Standing(
            state=State(self.state),
            source=Source(self.source),
            level=self.level,
            reason=self.reason,
            by=self.changed_by_label,
            since=self.since,
            expires_at=self.expires_at,
            lets_house_exit=self.lets_house_exit,
            most_paise=None if self.max_order_value is None else to_paise(self.max_order_value),
        )


class TradingStateChange(Scoped):
    """One change of a trading state: who, when, why. History: never changed."""

    source = models.CharField(max_length=12, choices=SOURCES)
    from_state = models.CharField(max_length=8, choices=STATES)
    to_state = models.CharField(max_length=8, choices=STATES)
    reason = models.CharField(max_length=240, blank=True)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    by_label = models.CharField(max_length=150)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organisation", "-id"], name="trading_state_newest")]

    def __str__(self) -> str:
        return f"{self.scope_label}: {self.from_state} to {self.to_state}"
