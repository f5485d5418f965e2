"""How far limits on losses have been used, so that each crossing is told once."""

from django.db import models

from riskmgmt.domain.warnings import LEVELS

from .scope import Reaching, one_per_reach


class LimitWarning(Reaching):
    """The mark (per cent of `limit`, one of `LEVELS` or 0) that was last told; limits of the day begin anew."""

    limit = models.CharField(max_length=40)
    day = models.DateField()
    percent = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            *one_per_reach("limit_warning", besides=["limit"]),
            models.CheckConstraint(condition=models.Q(percent__in=[0, *LEVELS]), name="limit_warning_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} of {self.user if self.user_id else self.scope_label}: {self.percent} %"
