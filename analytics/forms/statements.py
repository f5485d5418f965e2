"""The form by which a file comes in, and the mapping of a file that no format knows."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from analytics.domain.statements import FIELDS, FORMATS, StatementKind
from analytics.services.statements import Preview
from analytics.services.statements.opening import Way
from trading.portfolio.models import TradingAccount

MAPPED = "map-"
KIND_NAMES = {
    StatementKind.TRADES: "Trades",
    StatementKind.CONTRACT_NOTE: "Contract note",
    StatementKind.LEDGER: "Ledger",
    StatementKind.HOLDINGS: "Holdings",
}


class StatementForm(forms.Form):
    """A file for an account; columns are mapped by further fields named `map-<field>`."""

    account = forms.ChoiceField(label="Account")
    file = forms.FileField(label="File", help_text="CSV, Excel or PDF, at most 20 MB.", allow_empty_file=True)
    format = forms.ChoiceField(label="Format", required=False)
    kind = forms.ChoiceField(
        label="Lists", required=False, choices=[(each.value, name) for each, name in KIND_NAMES.items()]
    )
    day = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Of holdings, or of a file that does not say.",
    )
    day_first = forms.BooleanField(label="Dates begin with the day", required=False, initial=True)
    sheet = forms.CharField(label="Sheet", required=False, max_length=100)
    password = forms.CharField(
        label="Password", required=False, max_length=100, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    leave_out_faults = forms.BooleanField(label="Leave out rows that cannot be read", required=False)

    def __init__(self, accounts: Sequence[TradingAccount], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("account", [(str(each.pk), each.name) for each in accounts])
        known = [(each.key, each.title) for each in FORMATS.values()]
        self._choices("format", [("", "What its header says"), *known, ("own", "Columns chosen by hand")])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        file.seek(0)
        return bytes(file.read())

    @property
    def maps_by_hand(self) -> bool:
        """Whether the columns are chosen by hand: as asked for, or because no header said what the file is."""
        chosen = self.cleaned_data["format"]
        return bool(chosen == "own" or (not chosen and self._mapping()))

    def way(self) -> Way:
        """How the file is to be read."""
        data = self.cleaned_data
        by_hand = self.maps_by_hand
        return Way(
            format="" if by_hand else data["format"],
            kind=StatementKind(data["kind"]) if by_hand and data["kind"] else None,
            mapping=self._mapping() if by_hand else {},
            day=data["day"],
            day_first=data["day_first"],
            sheet=data["sheet"],
            password=data["password"],
        )

    def _mapping(self) -> dict[str, str]:
        return {
            name.removeprefix(MAPPED): value[:200]
            for name in self.data
            if name.startswith(MAPPED) and (value := self.data.get(name, ""))
        }


def mapping_rows(kind: StatementKind, preview: Preview, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Each field of a kind with the column that it is mapped to: what was chosen, else the guess."""
    return [
        {
            "name": f"{MAPPED}{each.name}",
            "title": each.title,
            "required": each.required,
            "column": chosen.get(each.name, preview.mapping.get(each.name, "")),
        }
        for each in FIELDS[kind]
    ]
