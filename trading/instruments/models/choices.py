"""What enumerations of the domain look like as choices of a field."""

from ..domain.calendar import DayKind
from ..domain.keys import Exchange
from ..domain.sessions import Phase, Segment


def choices(values: type[Exchange] | type[DayKind] | type[Phase] | type[Segment]) -> list[tuple[str, str]]:
    """An enumeration as a field offers it."""
    return [(value.value, value.value.replace("_", " ").capitalize()) for value in values]
