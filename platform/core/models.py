"""The ordered event log that sockets follow (see `core.streams`), and tasks that were given up (`core.parking`)."""

from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned


class StreamHead(OrganisationOwned):
    """Where a stream stands. The epoch changes when sequence numbers may repeat (a restore from backup)."""

    stream = models.CharField(max_length=80, primary_key=True)
    epoch = models.UUIDField(default=new_id)
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seq__gte=0), name="stream_head_seq_not_negative")]

    def __str__(self) -> str:
        return f"{self.stream} at {self.seq}"


class StreamEvent(OrganisationOwned):
    """One event of a stream. Rows are kept long enough for a dropped client to resume, then trimmed."""

    stream = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    name = models.CharField(max_length=40)
    data = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="stream_event_seq_once")]
        indexes = [models.Index(fields=["at"], name="stream_event_at")]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq} {self.name}"


class ParkedTask(models.Model):
    """A task that took its worker down again and again. It waits for somebody to look into it."""

    task_id = models.CharField(max_length=64, primary_key=True)
    task = models.CharField(max_length=200)
    arguments = models.JSONField(default=list)
    named = models.JSONField("named arguments", default=dict)
    parked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-parked_at",)

    def __str__(self) -> str:
        return f"{self.task} {self.task_id}"
