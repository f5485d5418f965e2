"""Forms of the market data pages."""

from django import forms


class DatafeedTokenForm(forms.Form):
    """A name for a new token."""

    name = forms.CharField(max_length=80, help_text="What will use it, such as “Charting on the big screen”.")
