"""Tokens that stand in the address of a charting client which sends no header of its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from core.ids import new_id
from core.tenancy import OrganisationOwned


class DatafeedToken(OrganisationOwned):
    """Opens `/udf/<token>/` for one member: the market, and their own fills. Only a digest is stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, editable=False, help_text="The token's first characters.")
    digest = models.CharField(max_length=128, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "user", "-created_at"], name="datafeed_token_of_user")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="datafeed_token_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
