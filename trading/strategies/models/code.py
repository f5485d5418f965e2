"""Strategies that the members of an organisation wrote themselves."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned


class StrategyCode(OrganisationOwned):
    """A strategy of the organisation's own. `version` is the one in use; every saved text stays as a version, so
    that a result can be had again with the code that made it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=40, help_text="As the class names itself; in addresses `own.<key>`.")
    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="strategy_code_key_once"),
            models.CheckConstraint(condition=Q(version__gt=0), name="strategy_code_version_positive"),
            models.CheckConstraint(condition=~Q(key=""), name="strategy_code_has_key"),
        ]

    def __str__(self) -> str:
        return self.key


class StrategyVersion(OrganisationOwned):
    """One saved text of a strategy; never changed. `description` is what the class says of itself: documentation,
    settings, timeframes, hooks. `digest` is the SHA-256 of the text."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.ForeignKey(StrategyCode, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField(max_length=100_000)
    digest = models.CharField(max_length=64)
    description = models.JSONField()
    note = models.CharField(max_length=200, blank=True, default="")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "number"], name="strategy_version_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="strategy_version_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} {self.number}"
