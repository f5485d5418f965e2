"""The trade journal: what its owner thought, beside what the book says."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.tenancy import OrganisationOwned
from trading.portfolio.models.account import AccountOwned

TAG_LENGTH = 32
TEXT_LENGTH = 5_000


class JournalEntry(AccountOwned):
    """A note on a day of an account, on an instrument, or on one trade of it.

    A trade is named by the fills that opened and closed it (`opened_by`, `closed_by`), which never change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("portfolio.TradingAccount", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(
        "instruments.Instrument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    day = models.DateField()
    opened_by = models.UUIDField(null=True, blank=True)
    closed_by = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How well it was done, 1 to 5.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "-created_at", "-id"]
        verbose_name_plural = "journal entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="journal_rating_of_five"
            ),
            models.CheckConstraint(
                condition=Q(opened_by__isnull=True, closed_by__isnull=True)
                | Q(opened_by__isnull=False, closed_by__isnull=False, instrument__isnull=False),
                name="journal_trade_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-day", "-created_at"], name="journal_by_account"),
            models.Index(fields=["organisation", "-day", "-created_at"], name="journal_by_tenant"),
        ]

    def __str__(self) -> str:
        return self.title


class JournalTag(OrganisationOwned):
    """One word that entries are found and counted by, in lower case."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=TAG_LENGTH)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="journal_tag_once_an_entry")]
        indexes = [models.Index(fields=["organisation", "name"], name="journal_tag_by_name")]

    def __str__(self) -> str:
        return self.name


class JournalPicture(OrganisationOwned):
    """A picture of the chart. Kept in the database: walled, backed up and deleted with its entry."""

    class Type(models.TextChoices):
        PNG = "image/png", "PNG"
        JPEG = "image/jpeg", "JPEG"
        WEBP = "image/webp", "WebP"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(JournalEntry, on_delete=models.CASCADE, related_name="pictures")
    content_type = models.CharField(max_length=16, choices=Type)
    content = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    caption = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type__in=["image/png", "image/jpeg", "image/webp"]),
                name="journal_picture_type_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_type} of {self.entry_id}"
