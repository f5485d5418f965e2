"""The exchange calendar and the hours of its segments."""

from django.db import models
from django.db.models import F, Q

from ..domain.calendar import DayKind
from ..domain.sessions import Phase, Segment
from .choices import choices


class CalendarDay(models.Model):
    """A day on which an exchange departs from its weekday rule; one row for each of its sessions (IST)."""

    calendar = models.CharField(max_length=3)
    date = models.DateField()
    kind = models.CharField(max_length=7, choices=choices(DayKind))
    name = models.CharField(max_length=100)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["calendar", "date", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date", "opens"], name="calendar_day_session_once"),
            models.UniqueConstraint(
                fields=["calendar", "date"], condition=Q(kind=DayKind.HOLIDAY), name="calendar_day_holiday_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=DayKind.HOLIDAY, opens=None, closes=None)
                | (~Q(kind=DayKind.HOLIDAY) & Q(opens__isnull=False, closes__gt=F("opens"))),
                name="calendar_day_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.date}: {self.name}"


class SessionRule(models.Model):
    """From `valid_from` to `valid_to` a segment is in `phase` between two times of day (IST)."""

    segment = models.CharField(max_length=20, choices=choices(Segment))
    phase = models.CharField(
        max_length=16, choices=[choice for choice in choices(Phase) if choice[0] != Phase.HALTED]
    )
    starts = models.TimeField()
    ends = models.TimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["segment", "valid_from", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "phase", "valid_from"], name="session_rule_once"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="session_rule_hours"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="session_rule_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} {self.phase} {self.starts:%H:%M}–{self.ends:%H:%M} from {self.valid_from}"
