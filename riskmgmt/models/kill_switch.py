"""Every press of a kill switch, and its release."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id

from .scope import Scoped, one_per_scope


class KillSwitch(Scoped):
    """One press. It holds until it is released; at most one holds for a scope.

    What stops the orders is the `TradingState` written with it; this row says who pressed, what was cancelled and
    how the release goes: asked for with a token (kept as a hash), confirmed with it a little later.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reason = models.CharField(max_length=240)
    flatten = models.BooleanField(default=False)
    pressed_at = models.DateTimeField()
    pressed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    pressed_by_label = models.CharField(max_length=150)
    orders_cancelled = models.PositiveIntegerField(default=0)
    positions_closed = models.PositiveIntegerField(default=0)
    swept_at = models.DateTimeField(null=True, blank=True)
    flattened_at = models.DateTimeField(null=True, blank=True)
    release_asked_at = models.DateTimeField(null=True, blank=True)
    release_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    release_asked_by_label = models.CharField(max_length=150, blank=True)
    release_token_hash = models.CharField(max_length=64, blank=True, editable=False)
    release_attempts = models.PositiveSmallIntegerField(default=0)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by_label = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-pressed_at", "-id"]
        constraints = [*one_per_scope("kill_switch", condition=Q(released_at=None))]
        indexes = [
            models.Index(fields=["organisation"], condition=Q(released_at=None), name="kill_switch_pressed"),
        ]

    def __str__(self) -> str:
        return f"kill switch of {self.scope_label}"
