"""Keys with which programs act for a user."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from core.ids import new_id
from core.tenancy import OrganisationOwned


class ApiKey(OrganisationOwned):
    """A program's way in, for one user in one organisation. Only a digest of the key is stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, editable=False, help_text="The key's first characters.")
    digest = models.CharField(max_length=128, unique=True, editable=False)
    scopes = models.JSONField(help_text="Permissions the key may use, at most those of its user's role.")
    allowed_networks = models.JSONField(
        default=list, blank=True, help_text="CIDR networks it may be used from; empty for anywhere."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "-created_at"], name="api_key_by_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
