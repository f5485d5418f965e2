"""What the exchange announced of corporate actions, word for word."""

from django.db import models

from .instrument import Instrument


class ActionNotice(models.Model):
    """One announced purpose of a share on its ex-date, kept whether it could be read or not.

    What was read as a split, bonus or dividend stands as a `CorporateAction` beside it; the rest is listed here for
    somebody to look at. `instrument` is empty where the master does not know the symbol.
    """

    class Reading(models.TextChoices):
        ACTION = "ACTION", "Split, bonus or dividend"
        RIGHTS = "RIGHTS", "Rights issue"
        NO_EFFECT = "NO_EFFECT", "Changes no price"
        UNREAD = "UNREAD", "Not understood"

    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, blank=True, related_name="action_notices"
    )
    symbol = models.CharField(max_length=40)
    company = models.CharField(max_length=120, blank=True)
    ex_date = models.DateField()
    record_date = models.DateField(null=True, blank=True)
    purpose = models.CharField(max_length=300)
    reading = models.CharField(max_length=9, choices=Reading)
    terms = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-ex_date", "symbol"]
        constraints = [
            models.UniqueConstraint(fields=["symbol", "ex_date", "purpose"], name="action_notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.ex_date}: {self.purpose}"
