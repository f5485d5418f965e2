"""What the pages of analytics send. Whether it may be done is the services' business."""

from typing import Any
from uuid import UUID

from django import forms

from analytics.domain.pictures import MOST_BYTES
from analytics.models.journal import TEXT_LENGTH
from analytics.services import JournalNote
from analytics.services.journal import TITLE_LENGTH


class JournalForm(forms.Form):
    """A note; `tags` are separated by commas."""

    account = forms.TypedChoiceField(coerce=UUID)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    title = forms.CharField(max_length=TITLE_LENGTH)
    symbol = forms.CharField(max_length=60, required=False, help_text="As NSE:RELIANCE; empty for the day.")
    text = forms.CharField(
        max_length=TEXT_LENGTH, required=False, label="Notes", widget=forms.Textarea(attrs={"rows": 6})
    )
    tags = forms.CharField(max_length=360, required=False, help_text="Separated by commas.")
    rating = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, choices=[("", "Not rated"), *((n, n) for n in range(1, 6))]
    )
    opened_by = forms.UUIDField(required=False, widget=forms.HiddenInput)
    closed_by = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, accounts: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = accounts  # type: ignore[attr-defined]

    @property
    def note(self) -> JournalNote:
        """The note; call after `is_valid()`."""
        said = self.cleaned_data
        return JournalNote(
            day=said["day"],
            title=said["title"],
            text=said["text"],
            tags=tuple(said["tags"].split(",")),
            rating=said["rating"],
            symbol=said["symbol"],
            opened_by=said["opened_by"],
            closed_by=said["closed_by"],
        )


class PictureForm(forms.Form):
    """A picture of the chart."""

    picture = forms.FileField(
        help_text=f"PNG, JPEG or WebP, at most {MOST_BYTES / 1_000_000:.1f} MB.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    caption = forms.CharField(max_length=TITLE_LENGTH, required=False)


class ConventionsForm(forms.Form):
    """How figures are reckoned."""

    periods_per_year = forms.IntegerField(label="Trading days a year")
    risk_free = forms.DecimalField(label="Risk-free rate, % a year", max_digits=6, decimal_places=3)
    confidence = forms.DecimalField(label="Confidence of the value at risk, %", max_digits=5, decimal_places=2)
    index = forms.CharField(label="Index", max_length=60, help_text="As NSE:NIFTY.")
