"""What is said of a form: that it can run, or what is wrong with which of its boxes."""

from dataclasses import dataclass

from core.errors import SaudaError

from ..forms import RunForm
from ..models import Quota
from ..services.checks import Checked
from ..services.searches import SearchPlan

_TITLES = {"first": "From", "last": "To", "in_sample": "In sample", "out_of_sample": "Out of sample"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A sentence about a box of the form; both names are empty where it is about the whole."""

    box: str
    title: str
    line: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either `wrong`, or what would run; `plan` is a search's."""

    wrong: tuple[Wrong, ...] = ()
    checked: Checked | None = None
    plan: SearchPlan | None = None
    quota: Quota | None = None


def wrong_shape(form: RunForm) -> Verdict | None:
    """What the form itself refuses; None where it is whole."""
    if form.is_valid():
        return None
    return Verdict(tuple(Wrong(box, _title(box), line) for box, lines in form.wrong().items() for line in lines))


def wrong_terms(form: RunForm, refused: SaudaError) -> Verdict:
    """What the services refuse, at the boxes that it is about."""
    errors = refused.errors or {"": [refused.detail]}
    return Verdict(
        tuple(
            Wrong(box, _title(box or field), line)
            for field, lines in errors.items()
            for box in [form.box_of(field)]
            for line in lines
        )
    )


def _title(box: str) -> str:
    number, _, name = box[1:].partition("-") if "-" in box else ("", "", box)
    name = name.partition(":")[0]
    words = _TITLES.get(name) or name.removeprefix("p_").removeprefix("x_").replace("_", " ").capitalize()
    return f"{words} of strategy {number}" if number else words
