"""Forms of the market data pages."""

from django import forms

from trading.instruments.domain.sessions import Segment

from .models import Backfill


class DatafeedTokenForm(forms.Form):
    """A name for a new token."""

    name = forms.CharField(max_length=80, help_text="What will use it, such as “Charting on the big screen”.")


SEGMENT_LABELS = {
    Segment.EQUITY: "Shares and indices",
    Segment.EQUITY_FNO: "Shares with derivatives",
    Segment.EQUITY_DERIVATIVES: "Futures and options",
}


class GapsForm(forms.Form):
    """Where gaps are looked for, and what is filled."""

    SPANS = ((7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year"))

    symbol = forms.CharField(
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"aria-label": "Instrument", "placeholder": "NSE:RELIANCE"}),
    )
    segment = forms.ChoiceField(
        required=False,
        choices=[
            ("", "All segments"),
            *((each.value, SEGMENT_LABELS[each]) for each in Segment),
        ],
        widget=forms.Select(attrs={"aria-label": "Segment", "class": "s"}),
    )
    interval = forms.TypedChoiceField(
        required=False,
        choices=Backfill.Interval.choices,
        empty_value=Backfill.Interval.MINUTE.value,
        widget=forms.Select(attrs={"aria-label": "Candles", "class": "s"}),
    )
    days = forms.TypedChoiceField(
        required=False,
        coerce=int,
        choices=SPANS,
        empty_value="30",
        widget=forms.Select(attrs={"aria-label": "Span", "class": "s"}),
    )
