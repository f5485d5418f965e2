"""The form in which limits are changed."""

from collections.abc import Mapping
from decimal import Decimal

from django import forms

from .domain.limits import LIMIT_NAMES, LIMIT_SPECS


class LimitsForm(forms.Form):
    """One optional field a limit; empty inherits."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in LIMIT_NAMES:
            spec = LIMIT_SPECS[name]
            self.fields[name] = forms.DecimalField(
                label=spec.label,
                help_text=spec.explanation,
                required=False,
                min_value=Decimal(0),
                max_digits=15,
                decimal_places=2,
            )

    def values(self) -> Mapping[str, Decimal | None]:
        """What was entered; None where the field was left empty."""
        return {name: self.cleaned_data[name] for name in LIMIT_NAMES}
