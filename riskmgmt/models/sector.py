"""Which sector an underlying belongs to. Reference data, the same for every tenant."""

from django.db import models

from .limits_cache import forget_limits_on_commit


class UnderlyingSector(models.Model):
    """The sector of a share (and of what is written on it) from a day on; the newest row in force holds."""

    symbol = models.CharField(max_length=40)
    sector = models.CharField(max_length=40)
    valid_from = models.DateField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["symbol", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["symbol", "valid_from"], name="underlying_sector_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.symbol}: {self.sector}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Save, and let every process read the sectors anew."""
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        forget_limits_on_commit()
