"""The audit trail: per organisation a chain in which each entry seals the one before it."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.domain.actor import ActorKind
from core.tenancy import OrganisationOwned


class AuditEntry(OrganisationOwned):
    """One thing that was done. Rows are never changed or deleted (a trigger refuses it on PostgreSQL)."""

    seq = models.BigIntegerField(help_text="1, 2, 3 … within the organisation, without gaps.")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in ActorKind])
    # Plain ids, not foreign keys: the record outlives what it names.
    actor_id = models.UUIDField(null=True)
    api_key_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    data = models.JSONField(encoder=DjangoJSONEncoder)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-seq"]
        verbose_name_plural = "audit entries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "seq"], name="audit_entry_unique_seq"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_entry_seq_is_positive"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "object_type", "object_id"], name="audit_entry_by_object")
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action} {self.object_type} {self.object_id}"


class AuditHead(OrganisationOwned):
    """The last link of an organisation's chain: locked to add one, and the proof of the chain's length."""

    organisation = models.OneToOneField(
        "accounts.Organisation", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return f"head at #{self.seq}"
